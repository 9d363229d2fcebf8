"""Everything that is in a cluster, over every resource that its API server serves."""

from collections.abc import Iterator
from typing import Any

from tenantmesh.cluster.api import Api

# What controllers and the servers themselves keep changing.
_RESTLESS = frozenset({"events", "leases", "componentstatuses", "endpoints", "endpointslices", "apiservices"})

Key = tuple[str, str, str, str]
"""Group and version, resource, namespace, name."""


def resources(api: Api) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each group and version with each of its resources, subresources included."""
    versions = ["v1"]
    versions += [group["preferredVersion"]["groupVersion"] for group in api.get("/apis")["groups"]]
    for version in versions:
        for resource in api.get(path(version))["resources"]:
            yield version, resource


def path(version: str) -> str:
    """Where a group and version is served."""
    return f"/api/{version}" if version == "v1" else f"/apis/{version}"


def inventory(api: Api) -> dict[Key, str]:
    """The UID of every object, by what names it."""
    found: dict[Key, str] = {}
    for version, resource in resources(api):
        name = resource["name"]
        if "list" not in resource["verbs"] or name in _RESTLESS:
            continue
        for item in api.get(f"{path(version)}/{name}")["items"]:
            metadata = item["metadata"]
            found[version, name, metadata.get("namespace", ""), metadata["name"]] = metadata.get("uid", "")
    return found
