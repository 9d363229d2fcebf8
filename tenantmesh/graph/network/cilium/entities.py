"""Cilium's entities: parts of the world by what they are. Addresses beside them, which never mean pods.

Source: https://docs.cilium.io/en/stable/security/policy/language/#entities-based.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, NamedTuple

from tenantmesh.graph.cidrs import Block, address
from tenantmesh.graph.fits import Fit, certain
from tenantmesh.graph.flow import Endpoint, Outside, Workload
from tenantmesh.graph.network.peers import Reach
from tenantmesh.graph.network.surroundings import Surroundings
from tenantmesh.graph.opening import Peers


class Part(Enum):
    """The kinds of ends that entities tell apart."""

    POD = auto()
    NODE = auto()
    OUTSIDE = auto()


class EntityPeer(NamedTuple):
    """An entity: how each part of the world fits it. What it leaves out is not of it."""

    fits: Mapping[Part, Fit]

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:  # noqa: ARG002 - an entity is the same anywhere
        """Whether it means `end`."""
        return self.fits.get(_part(end), Fit.NO)

    def reach(self, around: Surroundings) -> Reach:  # noqa: ARG002 - an entity is the same anywhere
        """Whom it means at most; nodes are no peers of openings."""
        return Reach(Peers(everywhere=Part.POD in self.fits, outside=Part.OUTSIDE in self.fits))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """None that is known."""
        return ()


class CidrPeer(NamedTuple):
    """Whoever outside has an address in one of `nets`; pods and nodes are never meant by their addresses."""

    nets: tuple[Block, ...]

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:  # noqa: ARG002 - no pod is meant, wherever it is
        """Whether it means `end`."""
        if not isinstance(end, Outside):
            return Fit.NO
        return certain(holds=any(address(end.address) in one for one in self.nets)) if end.address else Fit.UNSURE

    def reach(self, around: Surroundings) -> Reach:  # noqa: ARG002 - no pod is meant, wherever it is
        """The world outside."""
        return Reach(Peers(outside=bool(self.nets)))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its own."""
        return self.nets


def _part(end: Endpoint) -> Part:
    if not isinstance(end, Workload):
        return Part.OUTSIDE
    return Part.NODE if end.host_network else Part.POD


_CLUSTER: Final = EntityPeer({Part.POD: Fit.YES, Part.NODE: Fit.YES})
# A pod in the host's network is on its peer's own node or on another one, and nobody says which.
_A_NODE: Final = EntityPeer({Part.NODE: Fit.UNSURE})
_NOT_A_POD: Final = EntityPeer({})

ENTITIES: Final[Mapping[str, EntityPeer]] = {
    "all": EntityPeer({Part.POD: Fit.YES, Part.NODE: Fit.YES, Part.OUTSIDE: Fit.YES}),
    "world": EntityPeer({Part.OUTSIDE: Fit.YES}),
    "world-ipv4": EntityPeer({Part.OUTSIDE: Fit.UNSURE}),
    "world-ipv6": EntityPeer({Part.OUTSIDE: Fit.UNSURE}),
    "cluster": _CLUSTER,
    "cluster-mesh": _CLUSTER,
    "host": _A_NODE,
    "remote-node": _A_NODE,
    "kube-apiserver": _A_NODE,
    # What comes in by Cilium's own ingress comes from outside in the end.
    "ingress": EntityPeer({Part.OUTSIDE: Fit.UNSURE}),
    "unmanaged": EntityPeer({Part.POD: Fit.UNSURE}),
    "init": _NOT_A_POD,
    "health": _NOT_A_POD,
    "none": _NOT_A_POD,
}
"""Every entity by its name."""
