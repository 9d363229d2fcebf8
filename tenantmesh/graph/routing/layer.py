"""The routing layer: whether a request gets routed to its destination, through proxies and gateways."""

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request, Workload
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.routing.answers import allowed, denied
from tenantmesh.graph.routing.dangling import Dangling, DanglingSearch
from tenantmesh.graph.routing.egress import Egress
from tenantmesh.graph.routing.entrances import Entrances
from tenantmesh.graph.routing.exits import Exits
from tenantmesh.graph.routing.forwarding import Forwarding
from tenantmesh.graph.routing.front import Front
from tenantmesh.graph.routing.gateways import is_gateway
from tenantmesh.graph.routing.inside import Inside
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.resolve import Resolver, Route
from tenantmesh.graph.verdict import Effect, Evidence, Layer, LayerVerdict


class RoutingLayer:
    """All that routes in a cluster, read namespace by namespace when it is first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        parts = Parts(cluster)
        self._parts = parts
        self._inside = Inside(parts)
        self._egress = Egress(parts, self._inside)
        self._front = Front(parts)
        self._forwarding = Forwarding(parts)
        self._entrances = Entrances(parts, self._front)
        self._resolver = Resolver(parts, self._front)
        self._exits = Exits(parts, self._inside, self._egress)

    def verdict(self, source: Endpoint, destination: Endpoint, request: Request) -> LayerVerdict:
        """Whether some way of asking that fits `request` gets it from `source` to `destination`.

        Without a proxy of the mesh every address can be asked, so nothing is denied; a destination outside is answered
        as `Layer.EGRESS`.
        """
        if isinstance(source, Outside):
            if isinstance(destination, Outside):
                return _elsewhere()
            return self._front.verdict(source, destination, request)
        layer = Layer.EGRESS if isinstance(destination, Outside) else Layer.ROUTING
        if is_gateway(source):
            return self._forwarding.verdict(source, destination, request)
        if source.proxy is not Proxy.SIDECAR:
            return _unproxied(source, destination, layer)
        if isinstance(destination, Outside):
            return self._egress.verdict(source, destination, request)
        return self._inside.verdict(source, destination, request)

    def openings(self, namespace: str) -> tuple[Opening, ...]:
        """What a namespace's routing lets in, and what it lets out to other namespaces and to the outside.

        Both speak of pods with a proxy of the mesh, real or to be made: without one nothing routes, and the other
        layers have to hold alone. What leads outside says so by its peers.
        """
        return (*self._entrances.of(namespace), *self._exits.of(namespace))

    def resolve(self, source: Endpoint, host: str, port: int, request: Request) -> Route:
        """Who gets `request` when `source` sends it to `host` on `port`, and through which gateways."""
        return self._resolver.resolve(source, host, port, request)

    def dangling(self) -> tuple[Dangling, ...]:
        """The selectors and names that match nothing."""
        return DanglingSearch(self._parts).all()


def _elsewhere() -> LayerVerdict:
    reason = "neither end is in the cluster"
    return denied(reason, (Evidence(Effect.DENIES, reason),), "name a pod as source or destination", Layer.EGRESS)


def _unproxied(source: Workload, destination: Endpoint, layer: Layer) -> LayerVerdict:
    reason = f"{source} has no sidecar, so it can ask for any address, that of {destination} too"
    evidence = Evidence(Effect.ALLOWS, reason, source.object)
    return allowed(reason, (evidence,), f"have a sidecar injected into {source}", layer)
