"""What the tests' control plane serves."""

from collections.abc import Iterator
from typing import Any

from tenantmesh.cluster.api import Api

_OF_TESTS = "example.com"
"""Where the kinds are that a test defines: they come and go while another test looks."""


def served(api: Api) -> Iterator[tuple[str, dict[str, Any]]]:
    """The path of a group's version and the APIResource of each kind in it, without the kinds of other tests."""
    paths = ["/api/v1"]
    for group in api.get("/apis")["groups"]:
        if not group["name"].endswith(_OF_TESTS):
            paths += [f"/apis/{version['groupVersion']}" for version in group["versions"]]
    for path in paths:
        for resource in api.get(path)["resources"]:
            if "/" not in resource["name"]:
                yield path, resource
