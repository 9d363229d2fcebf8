"""Routes of Gateway API in the form of VirtualServices."""

from collections.abc import Iterator

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.routing.routes import Route
from tenantmesh.graph.routing.servers import Gateway


def api_routes(cluster: Cluster) -> Iterator[Route]:
    """The routes of a cluster's HTTPRoutes, GRPCRoutes, TLSRoutes and TCPRoutes."""
    yield from ()


def api_gateways(cluster: Cluster) -> Iterator[Gateway]:
    """The listeners of a cluster's Gateways and ListenerSets, each as a gateway of one server."""
    yield from ()
