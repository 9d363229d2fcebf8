"""What one namespace's objects let through, before anybody asks whether it is meant."""

from enum import StrEnum

from msgspec import Struct

from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.verdict import Evidence, Layer


class Direction(StrEnum):
    """Which way an opening lets traffic through, seen from the namespace whose objects make it."""

    INGRESS = "ingress"
    EGRESS = "egress"


class Peers(Struct, frozen=True):
    """Who is at the other end: some namespaces or, with `everywhere`, all but some; and the world outside or not."""

    namespaces: frozenset[str] = frozenset()
    everywhere: bool = False
    outside: bool = False

    def __contains__(self, namespace: str) -> bool:
        return (namespace in self.namespaces) != self.everywhere

    def __bool__(self) -> bool:
        return bool(self.namespaces) or self.everywhere or self.outside

    def without(self, namespaces: frozenset[str]) -> "Peers":
        """These but for `namespaces`."""
        kept = self.namespaces | namespaces if self.everywhere else self.namespaces - namespaces
        return Peers(kept, self.everywhere, self.outside)


class Opening(Struct, frozen=True, kw_only=True):
    """One thing that `namespace` lets through in one layer: from or to `peers`, at `workload`, on `ports`.

    `workload` is a pod of the namespace that it holds for, real or one that could be made; `peer` is what a pod at the
    other end has to be like (its namespace is left ""), None when any pod will do. `ports` are first and last, both
    included; empty is every port. `request` is one that passes, on the destination's port.
    """

    layer: Layer
    direction: Direction
    namespace: str
    workload: Workload
    peers: Peers
    request: Request
    ports: tuple[tuple[int, int], ...] = ()
    peer: Workload | None = None
    evidence: tuple[Evidence, ...] = ()
