"""The parts that all questions of the routing layer share, put together once for a cluster."""

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Workload
from tenantmesh.graph.routing.book import Book
from tenantmesh.graph.routing.filters import Filters
from tenantmesh.graph.routing.gateways import Gateways
from tenantmesh.graph.routing.proxies import Proxies
from tenantmesh.graph.routing.reach import Reach
from tenantmesh.graph.routing.registry import Registry
from tenantmesh.graph.routing.scopes import Scopes
from tenantmesh.graph.routing.subsets import SubsetBook
from tenantmesh.graph.verdict import Evidence


class Parts:
    """The indices of a cluster's routing, each filled when it is first asked."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.registry = Registry(cluster)
        self.book = Book(cluster, self.registry)
        self.subsets = SubsetBook(cluster)
        self.scopes = Scopes(cluster)
        self.gateways = Gateways(cluster)
        self.filters = Filters(cluster)
        self.proxies = Proxies(self.registry, self.book, self.subsets)
        self.reach = Reach(self.registry, self.book, self.gateways, self.scopes, self.proxies)

    def unreadable(self, pod: Workload, destination: Endpoint) -> list[Evidence]:
        """What can't be read at all and may act on the proxy of `pod`, or stand before `destination`."""
        there = destination.namespace if isinstance(destination, Workload) else ""
        for space in dict.fromkeys((pod.namespace, there, self.cluster.mesh.root_namespace)):
            self.subsets.in_namespace(space)
            self.registry.services(space)
        # What can't be read is found by reading.
        _ = self.registry.entries, self.book.all, self.gateways.all
        found = (*self.registry.opaque, *self.book.opaque, *self.gateways.opaque, *self.subsets.opaque)
        return [
            evidence
            for one in found
            if pod.namespace in one.visible and one.namespace in ("", there)
            for evidence in one.evidence
        ]
