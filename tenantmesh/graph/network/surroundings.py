"""What a policy's peers are held against: the namespaces' labels and the addresses that pods have."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from tenantmesh.graph.cidrs import PRIVATE, Block, Network, address, network, within
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit, certain, some
from tenantmesh.graph.flow import Endpoint, Request, Workload
from tenantmesh.graph.opening import Direction
from tenantmesh.graph.places import NamespaceIndex


class Flow(Struct, frozen=True):
    """A flow as one end sees it: `subject` is the pod whose policies are asked, `peer` the other end."""

    direction: Direction
    subject: Workload
    peer: Endpoint
    request: Request

    @property
    def destination(self) -> Endpoint:
        """The end that listens."""
        return self.subject if self.direction is Direction.INGRESS else self.peer


class Surroundings:
    """The cluster around the policies."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.namespaces = NamespaceIndex({name: one.labels for name, one in cluster.namespaces.items()})

    @cached_property
    def pod_networks(self) -> tuple[Network, ...]:
        """Where pods may have addresses: the cluster's pod CIDRs, else all private ones; and what live pods have."""
        stated = tuple(network(one) for one in self.cluster.pod_cidrs) or PRIVATE
        return (*stated, *(one for one in self._live() if not any(within(one, place) for place in stated)))

    def _live(self) -> Iterator[Network]:
        for workloads in self.cluster.workloads.values():
            for one in workloads:
                yield from (network(f"{text}/{address(text).max_prefixlen}") for text in one.addresses)

    def pods_in(self, block: Block) -> bool:
        """Whether pods may have addresses in `block`."""
        return any(block.overlaps(one) for one in self.pod_networks)

    def holds_any(self, block: Block, workload: Workload) -> Fit:
        """Whether some address of the pods is in `block`. Unsure where they could be in it and nobody knows."""
        if workload.addresses:
            return certain(holds=any(address(one) in block for one in workload.addresses))
        return self._assumed(block, workload)

    def holds_all(self, blocks: Iterable[Block], workload: Workload) -> Fit:
        """Whether every address of the pods is in one of `blocks`."""
        if workload.addresses:
            found = {any(address(one) in block for block in blocks) for one in workload.addresses}
            return Fit.UNSURE if len(found) > 1 else certain(holds=True in found)
        return some(self._assumed(one, workload) for one in blocks)

    def _assumed(self, block: Block, workload: Workload) -> Fit:
        places = PRIVATE if workload.host_network else self.pod_networks
        if not any(block.overlaps(one) for one in places):
            return Fit.NO
        # Pods of a cluster with two families have an address of each, so one family that is covered is enough.
        families = [[one for one in places if one.version == version] for version in (4, 6)]
        return Fit.YES if any(one and all(map(block.covers, one)) for one in families) else Fit.UNSURE
