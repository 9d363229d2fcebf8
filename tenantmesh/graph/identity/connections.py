"""Whether a connection comes about, and which name its other end proves to have."""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request, Workload
from tenantmesh.graph.identity.answers import Step, step
from tenantmesh.graph.identity.certificates import DestinationRules
from tenantmesh.graph.identity.circumstances import mesh_principal
from tenantmesh.graph.identity.fronts import Front, Fronts, Shown
from tenantmesh.graph.identity.peer import Asked, Mode, PeerAuthentications
from tenantmesh.graph.verdict import Answer

STRANGE: Final = "CN=client"
"""The name in a client certificate of which nothing is known but that it is not the mesh's."""


class Connection(Struct, frozen=True):
    """One way in which a connection may come about; `principal` is the name that is proven, None when none is."""

    step: Step
    principal: str | None = None


class Connections:
    """PeerAuthentications, the servers of gateways, and what clients show by themselves."""

    def __init__(self, cluster: Cluster) -> None:
        self.peers = PeerAuthentications(cluster)
        self.fronts = Fronts(cluster)
        self._rules = DestinationRules(cluster)
        self._domain = cluster.mesh.asking_domain
        self._auto = cluster.mesh.auto_mtls

    def between(self, source: Endpoint, destination: Workload, request: Request) -> tuple[Connection, ...]:
        """The ways in which the connection may come about, one at least; a refusal is one too."""
        if self.fronts.is_gateway(destination):
            return tuple(self._at_gateway(source, destination, request))
        asked = self.peers.asked(destination, request.port)
        plain = asked.mode is Mode.DISABLE and destination.proxy is not Proxy.AMBIENT
        names = (None,) if plain else self._shown(source, destination, request)
        return tuple(_at_sidecar(source, destination, asked, mine) for mine in names)

    def _at_gateway(self, source: Endpoint, destination: Workload, request: Request) -> Iterator[Connection]:
        fronts = self.fronts.of(destination)
        here = [one for one in fronts if one.port == request.port]
        if fronts and not here:
            reason, change = f"no server of the gateway {destination} listens on {request.port}", "add a server to it"
            yield Connection(step(Answer.DENIED, reason, fronts[0].object, change=f"{change}: {fronts[0].object.key}"))
        elif not fronts:
            yield Connection(step(Answer.ALLOWED, f"{destination} is a gateway whose servers are not known"))
        for front in here:
            yield from self._at_front(source, destination, request, front)

    def _at_front(
        self, source: Endpoint, destination: Workload, request: Request, front: Front
    ) -> Iterator[Connection]:
        if front.shown is Shown.MESH:
            for mine in self._shown(source, destination, request):
                yield _at_mesh_front(source, destination, request, front, mine)
            return
        served = step(Answer.ALLOWED, f"{destination} serves {source} on {request.port}", front.object, front.path)
        if front.shown in (Shown.CERTIFICATE, Shown.MAYBE):
            yield Connection(served, (source.principal if isinstance(source, Outside) else "") or STRANGE)
        if front.shown in (Shown.NOTHING, Shown.MAYBE):
            yield Connection(served)

    def _shown(self, source: Endpoint, destination: Workload, request: Request) -> Iterable[str | None]:
        """The mesh identities that a source may show by itself, None for none: it depends on the subset it sends to."""
        if not isinstance(source, Workload) or source.proxy is Proxy.NONE or request.mtls is False:
            return (None,)
        mine = mesh_principal(source, self._domain)
        if request.mtls:
            return (mine,)
        said = self._rules.shown(source, destination, request.port)
        ways = (said, *self._rules.of_subsets(source, destination, request.port))
        shows = (one.certificate if one else self.automatic(destination) for one in ways)
        return dict.fromkeys(mine if certificate else None for certificate in shows)

    def automatic(self, destination: Workload) -> bool:
        """Whether a client's proxy shows its certificate where no DestinationRule speaks of it."""
        off = destination.proxy is not Proxy.AMBIENT and self.peers.shut_off(destination.namespace)
        return self._auto and not off


def _at_sidecar(source: Endpoint, destination: Workload, asked: Asked, mine: str | None) -> Connection:
    mode, path = asked.mode, asked.path if asked.object else ""
    if destination.proxy is Proxy.AMBIENT and mode is Mode.DISABLE:
        mode = Mode.PERMISSIVE
    if asked.unknown:
        change = f"write {asked.path} so that it can be proven"
        return Connection(step(Answer.UNPROVEN, asked.unknown, asked.object, asked.path, change=change), mine)
    if mine:
        reason = f"{source} proves by mutual TLS to be {mine}"
        return Connection(step(Answer.ALLOWED, reason, asked.object, path), mine)
    if mode is Mode.STRICT:
        reason = f"{destination} asks for mutual TLS, and {source} has no certificate of the mesh"
        where = f"{path} of {asked.object.key}" if asked.object else "a PeerAuthentication"
        change = f"set {where} to PERMISSIVE, or take {source} into the mesh"
        return Connection(step(Answer.DENIED, reason, asked.object, path, change=change))
    reason = f"{destination} takes plain text from {source}, who proves nothing ({mode.value})"
    change = f"make a PeerAuthentication in namespace {destination.namespace} with mode STRICT"
    return Connection(step(Answer.ALLOWED, reason, asked.object, path, change=change))


def _at_mesh_front(
    source: Endpoint, destination: Workload, request: Request, front: Front, mine: str | None
) -> Connection:
    if mine:
        reason = f"{source} proves by mutual TLS to be {mine}"
        return Connection(step(Answer.ALLOWED, reason, front.object, front.path), mine)
    reason = f"the gateway {destination} asks for a certificate of the mesh on {request.port}"
    change = f"take {source} into the mesh, or change {front.path}.tls of {front.object.key}"
    return Connection(step(Answer.DENIED, reason, front.object, front.path, change=change))
