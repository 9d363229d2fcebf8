"""Who a rule names at the other end: pods by labels, addresses, or something that is not understood."""

from typing import Final, NamedTuple, Protocol

from tenantmesh.graph.cidrs import Block, address
from tenantmesh.graph.fits import Fit, certain, every, some
from tenantmesh.graph.flow import Endpoint, Workload
from tenantmesh.graph.labels import EVERYTHING, Constraint, Selector
from tenantmesh.graph.nearby import together
from tenantmesh.graph.network.surroundings import Surroundings
from tenantmesh.graph.opening import Peers


class Reach(NamedTuple):
    """Whom a peer stands for at most: pods that `pods` selects and, unless it is "", have the service account."""

    peers: Peers
    pods: Selector = EVERYTHING
    service_account: str = ""


ANYBODY: Final = Reach(Peers(everywhere=True, outside=True))
NOBODY: Final = Reach(Peers())


class Peer(Protocol):
    """One entry of a rule's list of peers."""

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:
        """Whether it means `end`."""
        ...

    def reach(self, around: Surroundings) -> Reach:
        """Whom it means at most, pods that could be made among them."""
        ...

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The addresses that it names."""
        ...


class PodPeer(NamedTuple):
    """The pods that `pods` selects in the namespaces that `namespaces` selects, or with None in `namespace`.

    `accounts` is what their service account may be, None anything. Pods in the host's network are never among them:
    they are seen as their node.
    """

    namespace: str
    namespaces: Selector | None
    pods: Selector = EVERYTHING
    accounts: Constraint | None = None

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:
        """Whether it means `end`."""
        if not isinstance(end, Workload) or end.host_network:
            return Fit.NO
        if self.accounts is not None and not self.accounts.admits(end.service_account):
            return Fit.NO
        if self.namespaces is None:
            return self.pods.fit(end.labels, end.given) if end.namespace == self.namespace else Fit.NO
        return every(
            (self.namespaces.fit(around.namespaces.labels(end.namespace)), self.pods.fit(end.labels, end.given))
        )

    def reach(self, around: Surroundings) -> Reach:
        """Whom it means at most."""
        if self.namespaces is None:
            peers = Peers(frozenset((self.namespace,)))
        else:
            peers = around.namespaces.matching(self.namespaces)
        if not self.pods.satisfiable or (self.accounts and not self.accounts.satisfiable):
            return NOBODY
        return Reach(peers, self.pods, (self.accounts.example() or "") if self.accounts else "")

    @property
    def blocks(self) -> tuple[Block, ...]:
        """None: it names no addresses."""
        return ()


class NetworksPeer(NamedTuple):
    """Whoever has an address in one of `nets`. A pod is surely meant only if all its addresses are."""

    nets: tuple[Block, ...]

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:
        """Whether it means `end`."""
        if isinstance(end, Workload):
            return around.holds_all(self.nets, end)
        return certain(holds=any(address(end.address) in one for one in self.nets)) if end.address else Fit.UNSURE

    def reach(self, around: Surroundings) -> Reach:
        """Whom it means at most."""
        return Reach(Peers(everywhere=any(map(around.pods_in, self.nets)), outside=True))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its own."""
        return self.nets


class NodePeer(NamedTuple):
    """Nodes, by their labels, which nobody states: a pod in the host's network may be on one of them."""

    nodes: Selector

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:  # noqa: ARG002 - nodes are no objects of a manifest
        """Whether it means `end`."""
        if not isinstance(end, Workload) or not end.host_network:
            return Fit.NO
        return Fit.UNSURE if self.nodes.constraints or self.nodes.unknown else Fit.YES

    def reach(self, around: Surroundings) -> Reach:  # noqa: ARG002 - nodes are no pods
        """Nobody: a node's traffic is an opening of the pods on its network."""
        return NOBODY

    @property
    def blocks(self) -> tuple[Block, ...]:
        """None that is known."""
        return ()


class AnyPeer(NamedTuple):
    """Whoever one of several `peers` means."""

    peers: tuple[Peer, ...]

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:
        """Whether one of them means `end`."""
        return some(one.fit(end, around) for one in self.peers)

    def reach(self, around: Surroundings) -> Reach:
        """Whom they mean at most: all of them are of one kind."""
        return self.peers[0].reach(around) if self.peers else NOBODY

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Theirs."""
        return tuple(block for one in self.peers for block in one.blocks)


class BlockPeer(NamedTuple):
    """Whoever has an address in `block`, pods too. To let in, one of a pod's addresses is enough."""

    block: Block

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:
        """Whether it means `end`."""
        if isinstance(end, Workload):
            return around.holds_any(self.block, end)
        return certain(holds=address(end.address) in self.block) if end.address else Fit.UNSURE

    def reach(self, around: Surroundings) -> Reach:
        """Whom it means at most."""
        return Reach(Peers(everywhere=around.pods_in(self.block), outside=True))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its own."""
        return (self.block,)


class UnknownPeer(NamedTuple):
    """Something that is not understood, and so may be anybody."""

    path: str
    reason: str

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:  # noqa: ARG002 - whoever is asked about, it may be
        """Unsure, always."""
        return Fit.UNSURE

    def reach(self, around: Surroundings) -> Reach:  # noqa: ARG002 - wherever it is
        """Anybody."""
        return ANYBODY

    @property
    def blocks(self) -> tuple[Block, ...]:
        """None that is known."""
        return ()


def spaces(peer: Peer, around: Surroundings) -> frozenset[str] | None:
    """The namespaces of all pods that a peer means; None for one that means others too, or more than pods."""
    if isinstance(peer, AnyPeer):
        return together(spaces(one, around) for one in peer.peers)
    if not isinstance(peer, PodPeer):
        return None
    if peer.namespaces is None:
        return frozenset((peer.namespace,))
    found = around.namespaces.matching(peer.namespaces)
    return None if found.everywhere else found.namespaces
