"""Everything that is in a cluster, over every resource that its API server serves."""

from collections.abc import Iterator
from typing import Any

from tenantmesh.cluster.api import Api

# What controllers and the servers themselves keep changing, and what comes and goes with Services.
_RESTLESS = frozenset(
    {"events", "leases", "componentstatuses", "endpoints", "endpointslices", "apiservices", "ipaddresses"}
)

Key = tuple[str, str, str, str]
"""Group and version, resource, namespace, name."""


def resources(api: Api) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource once, subresources included, with the best group and version that serves it."""
    groups = [{"name": "", "preferredVersion": {"groupVersion": "v1"}, "versions": [{"groupVersion": "v1"}]}]
    for group in groups + api.get("/apis")["groups"]:
        seen: set[str] = set()
        for version in [group["preferredVersion"], *group["versions"]]:
            for resource in api.get(path(version["groupVersion"]))["resources"]:
                if resource["name"] not in seen:
                    seen.add(resource["name"])
                    yield version["groupVersion"], resource


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
