"""What proxies enforce, compiled: the mesh's policies, connections and tokens, and what a proxy sees of a request."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Endpoint, Outside, Request, Workload
from tenantmesh.graph.identity.ambient import Ambient
from tenantmesh.graph.identity.answers import Step, step
from tenantmesh.graph.identity.attached import Policies
from tenantmesh.graph.identity.circumstances import FORWARDED, Circumstances, Networks, addresses, payload
from tenantmesh.graph.identity.connections import Connections
from tenantmesh.graph.identity.paths import normalized
from tenantmesh.graph.identity.protocols import Protocols
from tenantmesh.graph.identity.tokens import RequestAuthentications
from tenantmesh.graph.identity.where import places
from tenantmesh.graph.verdict import Answer

_NONE: Final[Networks] = ()


class Enforcement:
    """All that Istio asks of peers and requests, compiled namespace by namespace when it is first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.policies = Policies(cluster)
        self.connections = Connections(cluster)
        self.tokens = RequestAuthentications(cluster)
        self.protocols = Protocols(cluster)
        self.ambient = Ambient(cluster, self.policies)
        self._pods = addresses(cluster.pod_cidrs)

    def circumstances(
        self, source: Endpoint, destination: Workload, request: Request, principal: str | None
    ) -> tuple[Circumstances, tuple[Step, ...]]:
        """What the destination's proxy sees of a request, and what it says of its token."""
        is_http = self._is_http(destination, request)
        accepted = self.tokens.accept(destination, request)
        steps: tuple[Step, ...] = ()
        if is_http and accepted.fit is not Fit.YES and accepted.object is not None:
            answer = Answer.DENIED if accepted.fit is Fit.NO else Answer.UNPROVEN
            change = f"add a rule for its issuer and audiences to {accepted.object.key}"
            steps = (step(answer, accepted.reason, accepted.object, accepted.path, change=change),)
        here = self._networks(source)
        there = self._networks(destination)
        claims = payload(request, accepted.words) if is_http and accepted.fit is Fit.YES else None
        believes = is_http and not self.connections.fronts.is_gateway(destination)
        remote = (_forwarded(request) if believes else _NONE) or here
        path = normalized(request.path, self.cluster.mesh.path_normalization)
        return Circumstances(request, is_http, principal, here, remote, there, claims, path), steps

    def ends(self, source: Endpoint, destination: Workload) -> Iterable[Endpoint]:
        """The source; somebody whose address is not known stands for one in each part of the address space."""
        if isinstance(source, Workload) or source.address:
            return (source,)
        blocks = self.policies.holding(destination).blocks
        return [replace(source, address=one) for one in places(blocks, self._pods)] if blocks else (source,)

    def _is_http(self, destination: Workload, request: Request) -> bool:
        if not self.connections.fronts.is_gateway(destination):
            return self.protocols.is_http(destination, request)
        fronts = self.connections.fronts.of(destination)
        return bool(request.method) and (not fronts or any(one.is_http for one in fronts if one.port == request.port))

    def _networks(self, end: Endpoint) -> Networks:
        if isinstance(end, Outside):
            return addresses((end.address,)) if end.address else _NONE
        return addresses(end.addresses) if end.addresses else self._pods


def _forwarded(request: Request) -> Networks:
    """The last address in the header, which a sidecar believes."""
    said = request.headers.get(FORWARDED, "").rpartition(",")[2].strip()
    try:
        return addresses((said,)) if said and "/" not in said else _NONE
    except ValueError:
        return _NONE
