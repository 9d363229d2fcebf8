"""The identity layer: whether the proxy of a destination takes a request from whoever its peer proves to be."""

from collections.abc import Iterable, Iterator
from itertools import chain

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Proxy, Request, Workload
from tenantmesh.graph.identity.answers import Step, verdict
from tenantmesh.graph.identity.connections import Connection
from tenantmesh.graph.identity.deciding import decisions
from tenantmesh.graph.identity.enforcement import Enforcement
from tenantmesh.graph.identity.openings import Openings
from tenantmesh.graph.identity.redirection import passed_by
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict, best


class IdentityLayer:
    """Whether the mesh takes a request of a peer, and whose requests it takes at all.

    The mesh carries TCP only. What does not pass a proxy, UDP and the proxy's own ports among it, nobody asks for an
    identity, and it is in none of the openings.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.enforced = Enforcement(cluster)
        self._openings = Openings(self.enforced)

    def verdict(self, source: Endpoint, destination: Endpoint, request: Request) -> LayerVerdict:
        """Whether the destination's proxy takes the request; nobody asks where there is no proxy of the mesh."""
        if not isinstance(destination, Workload):
            return _free(f"{destination} is outside: no policy of the mesh is asked there")
        if destination.proxy is Proxy.NONE and not self.enforced.connections.fronts.is_gateway(destination):
            return _free(f"{destination} has no proxy, so no policy of the mesh is asked")
        unseen = passed_by(destination, request)
        if unseen:
            return _free(unseen)
        ends = self.enforced.ends(source, destination)
        return best(self._verdict(end, destination, request) for end in ends)

    def openings(self, namespace: str) -> tuple[Opening, ...]:
        """What the proxies of a namespace's pods take, real pods and such as could be made."""
        return tuple(self._openings.of(namespace))

    def _verdict(self, source: Endpoint, destination: Workload, request: Request) -> LayerVerdict:
        ways = self.enforced.connections.between(source, destination, request)
        return best(verdict(steps) for way in ways for steps in self._ways(source, destination, request, way))

    def _ways(
        self, source: Endpoint, destination: Workload, request: Request, way: Connection
    ) -> Iterator[Iterable[Step]]:
        """The steps of a connection: by the one proxy of the destination or, in ambient, on each way there is."""
        if way.step.answer is Answer.DENIED:
            yield (way.step,)
            return
        seen, token = self.enforced.circumstances(source, destination, request, way.principal)
        if destination.proxy is Proxy.AMBIENT:
            for steps in self.enforced.ambient.ways(destination, seen, token):
                yield (way.step, *steps)
        else:
            held = self.enforced.policies.holding(destination)
            yield chain((way.step, *token), decisions(held, seen, destination, self.enforced.cluster.mesh))


def _free(reason: str) -> LayerVerdict:
    return LayerVerdict(Layer.IDENTITY, Answer.ALLOWED, reason, (Evidence(Effect.ALLOWS, reason),))
