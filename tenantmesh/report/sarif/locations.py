"""Where a result points: a line of a file where it is known, and always the Kubernetes object by its name."""

from typing import Any

from tenantmesh.graph.reading import place_of
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject
from tenantmesh.report.origin import Origin
from tenantmesh.report.wording import label

BASE = "SRCROOT"
"""What relative paths start from."""
Location = dict[str, Any]


def location(one: ManifestObject, path: str = "") -> Location:
    """The place of the object, or of its part `path`; without a known file inside the project only its name."""
    key = one.key
    parts = [part for part in (key.namespace, key.kind, key.name) if part]
    name: Location = {"name": key.name or "(no name)", "fullyQualifiedName": "/".join(parts), "kind": "resource"}
    physical = _physical(Origin.of(place_of(one.source, path)))
    return ({"physicalLocation": physical} if physical else {}) | {"logicalLocations": [name]}


def related(evidence: tuple[Evidence, ...], objects: tuple[ManifestObject, ...]) -> list[Location]:
    """The other objects that took part, each with what it did."""
    told = [location(one) | {"message": {"text": label(one)}} for one in objects[1:]]
    for one in evidence:
        if one.object is not None:
            where = f"{label(one.object)} {one.path}".rstrip()
            told.append(location(one.object, one.path) | {"message": {"text": f"{where}: {one.reason}"}})
    return [{"id": number} | each for number, each in enumerate(told, start=1)]


def _physical(origin: Origin | None) -> Location | None:
    if origin is None or origin.is_outside:
        return None
    artifact = {"uri": origin.uri} | ({} if origin.is_absolute else {"uriBaseId": BASE})
    region = {"region": {"startLine": origin.line}} if origin.line else {}
    return {"artifactLocation": artifact} | region
