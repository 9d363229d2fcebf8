"""What the checks ask of the graph: three layers that a flow has to pass, and the ones that answer them."""

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from tenantmesh.graph.api import ApiLayer
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Request
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.network import NetworkLayer
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.routing import Dangling, RoutingLayer
from tenantmesh.graph.verdict import Layer, LayerVerdict, Verdict


class Flow(Struct, frozen=True):
    """Who sends what to whom."""

    source: Endpoint
    destination: Endpoint
    request: Request

    def __str__(self) -> str:
        request = self.request
        plain = (request.method, request.path) in (("GET", "/"), ("", "/")) or request.protocol != "TCP"
        what = "" if plain else f"{request.method} {request.path} "
        return f"{what}{self.source} -> {self.destination}:{request.port}/{request.protocol}"


class FlowLayer(Protocol):
    """One layer of the graph, as the checks use it."""

    def verdict(self, source: Endpoint, destination: Endpoint, request: Request) -> LayerVerdict:
        """The exact answer for one flow."""
        ...

    def openings(self, namespace: str) -> tuple[Opening, ...]:
        """All that the objects of a namespace let through, for pods that could be made too."""
        ...


class RoutingFlows(FlowLayer, Protocol):
    """The routing layer, which knows names too."""

    def dangling(self) -> tuple[Dangling, ...]:
        """The selectors and names that match nothing."""
        ...


class Layers(Struct, frozen=True, kw_only=True):
    """The layers that a flow has to pass, in the order in which they are told."""

    network: FlowLayer
    identity: FlowLayer
    routing: RoutingFlows
    api: ApiLayer

    @classmethod
    def of(cls, cluster: Cluster) -> "Layers":
        """The graph's own layers over `cluster`."""
        return cls(
            network=NetworkLayer(cluster),
            identity=IdentityLayer(cluster),
            routing=RoutingLayer(cluster),
            api=ApiLayer(cluster),
        )

    def __iter__(self) -> Iterator[tuple[Layer, FlowLayer]]:
        return iter(((Layer.NETWORK, self.network), (Layer.IDENTITY, self.identity), (Layer.ROUTING, self.routing)))

    def verdict(self, flow: Flow) -> Verdict:
        """What all of them say of one flow."""
        ask = (flow.source, flow.destination, flow.request)
        return Verdict((self.network.verdict(*ask), self.identity.verdict(*ask), self.routing.verdict(*ask)))
