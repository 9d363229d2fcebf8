"""ReferenceGrants: which references from one namespace into another hold.

Source: https://gateway-api.sigs.k8s.io/api-types/referencegrant/.
"""

from collections.abc import Mapping
from typing import Any, Final

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Effect, Evidence

GROUP: Final = "gateway.networking.k8s.io"
_EMPTY: Final[Mapping[str, Any]] = {}


class References:
    """The grants of a cluster, by the namespace that gives them."""

    def __init__(self, cluster: Cluster) -> None:
        self._grants = cluster.objects(GROUP, "ReferenceGrant")

    def permits(self, kind: str, namespace: str, to: tuple[str, str, str, str]) -> bool:
        """Whether a `kind` of Gateway API in `namespace` may refer `to` a group, kind, namespace and name."""
        return to[2] == namespace or self.grant(kind, namespace, to) is not None

    def grant(self, kind: str, namespace: str, to: tuple[str, str, str, str]) -> Evidence | None:
        """The grant by which such a reference into another namespace holds."""
        group, target, place, name = to
        for one in self._grants.get(place, ()):
            spec = one.body.get("spec") or _EMPTY
            sources = any(
                entry.get("group") == GROUP and entry.get("kind") == kind and entry.get("namespace") == namespace
                for entry in spec.get("from") or ()
            )
            targets = any(
                (entry.get("group") or "") == group
                and entry.get("kind") == target
                and (entry.get("name") or name) == name
                for entry in spec.get("to") or ()
            )
            if sources and targets:
                return Evidence(Effect.ALLOWS, f"{one.key} lets {kind}s of {namespace} refer to {name}", one)
        return None
