"""Names that objects claim, hosts and node ports, where each claim acts, and which claims of different owners meet."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing.hosts import suffixes
from tenantmesh.graph.routing.ingress import backends
from tenantmesh.graph.routing.matching import MESH
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.visibility import EVERYBODY
from tenantmesh.manifest import ManifestObject


class ClaimKind(StrEnum):
    """What a name is claimed for."""

    GATEWAY_SERVER = "gateway server"
    ROUTE = "route at a gateway"
    MESH_ROUTE = "route for sidecars"
    SERVICE_ENTRY = "service entry"
    DESTINATION_RULE = "destination rule"
    NODE_PORT = "node port"


# Claims can only meet in one world: at gateways, in sidecars, on nodes.
_WORLDS: Final = {
    ClaimKind.GATEWAY_SERVER: "gateways",
    ClaimKind.ROUTE: "gateways",
    ClaimKind.MESH_ROUTE: "sidecars",
    ClaimKind.SERVICE_ENTRY: "sidecars",
    ClaimKind.DESTINATION_RULE: "sidecars",
    ClaimKind.NODE_PORT: "nodes",
}
_EACH: Final = "*"
_ANY: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claim:
    """That an object of `namespace` claims `name`, a host or a node port, for callers in `scope`.

    `owner` is the namespace that the name itself says it is of (`name.namespace.svc…`), "" where it says none.
    """

    kind: ClaimKind
    name: str
    namespace: str
    object: ManifestObject
    path: str
    scope: Peers = EVERYBODY
    owner: str = ""

    @property
    def world(self) -> str:
        """What claims it can meet: those of the same world."""
        return _WORLDS[self.kind]


class Claims:
    """The claims of all objects of a cluster."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._domain = parts.cluster.mesh.cluster_domain

    def all(self) -> tuple[Claim, ...]:
        """Every claim."""
        return (*self._servers(), *self._routes(), *self._entries(), *self._rules(), *self._ingresses(), *self._nodes())

    def _servers(self) -> Iterator[Claim]:
        for gateway in self._parts.gateways.all.values():
            for server in gateway.servers:
                for index, (_, host) in enumerate(server.hosts):
                    # A listener of Gateway API has one host name, a server of Istio's a list.
                    path = f"{server.path}.hostname" if gateway.implied else f"{server.path}.hosts[{index}]"
                    namespace = gateway.object.body["metadata"]["namespace"]
                    yield self._claim(ClaimKind.GATEWAY_SERVER, host, namespace, gateway.object, path, EVERYBODY)

    def _routes(self) -> Iterator[Claim]:
        for route in self._parts.book.all:
            for index, host in enumerate(route.hosts):
                named = "hosts" if route.object.body["kind"] == "VirtualService" else "hostnames"
                path = f"spec.{named}[{index}]"
                if MESH in route.gateways:
                    yield self._claim(ClaimKind.MESH_ROUTE, host, route.namespace, route.object, path, route.visible)
                if route.gateways - {MESH}:
                    yield self._claim(ClaimKind.ROUTE, host, route.namespace, route.object, path, route.visible)

    def _entries(self) -> Iterator[Claim]:
        for some in self._parts.registry.entries.values():
            for one in some:
                kind = ClaimKind.SERVICE_ENTRY
                yield self._claim(kind, one.host, one.namespace, one.object, "spec.hosts", one.visible)

    def _rules(self) -> Iterator[Claim]:
        for space in self._parts.cluster.objects("networking.istio.io", "DestinationRule"):
            for one in self._parts.subsets.in_namespace(space):
                yield self._claim(
                    ClaimKind.DESTINATION_RULE, one.host, one.namespace, one.object, "spec.host", one.visible
                )

    def _ingresses(self) -> Iterator[Claim]:
        for space, objects in self._parts.cluster.objects("networking.k8s.io", "Ingress").items():
            for one in objects:
                for host in dict.fromkeys(backend.host or "*" for backend in backends(one)):
                    yield self._claim(ClaimKind.ROUTE, host, space, one, "spec.rules", EVERYBODY)

    def _nodes(self) -> Iterator[Claim]:
        for space, objects in self._parts.cluster.objects("", "Service").items():
            for one in objects:
                for index, port in enumerate((one.body.get("spec") or {}).get("ports") or ()):
                    if number := port.get("nodePort"):
                        path = f"spec.ports[{index}].nodePort"
                        yield Claim(kind=ClaimKind.NODE_PORT, name=str(number), namespace=space, object=one, path=path)

    def _claim(self, kind: ClaimKind, host: str, namespace: str, one: ManifestObject, path: str, scope: Peers) -> Claim:
        short = host.removesuffix(f".svc.{self._domain}")
        owner = short.partition(".")[2] if short != host else ""
        return Claim(
            kind=kind,
            name=host,
            namespace=namespace,
            object=one,
            path=path,
            scope=scope,
            owner=owner.rpartition(".")[2],
        )


def overlaps(claims: Iterable[Claim], party: Callable[[str], str]) -> Iterator[tuple[Claim, Claim]]:
    """Claims of different parties that meet: same or covering names, in one world, for some caller in common.

    `party` gives the owner of a namespace. Each claim is shown with one other of each name that covers its own, so that
    the pairs grow with the claims, not with their square.
    """
    listed = tuple(claims)
    filed: defaultdict[tuple[str, str, str], dict[str, Claim]] = defaultdict(dict)
    for claim in listed:
        for where in (*_where(claim), _ANY):
            filed[claim.world, claim.name, where].setdefault(party(claim.namespace), claim)
    seen: set[frozenset[int]] = set()
    for claim in listed:
        own = party(claim.namespace)
        for name in (claim.name, *(suffixes(claim.name) if claim.kind is not ClaimKind.NODE_PORT else ())):
            other = _other(filed, claim, name, own)
            if other is not None and frozenset((id(claim), id(other))) not in seen:
                seen.add(frozenset((id(claim), id(other))))
                yield claim, other


def _where(claim: Claim) -> Iterable[str]:
    return (_EACH,) if claim.scope.everywhere else sorted(claim.scope.namespaces)


def _other(filed: dict[tuple[str, str, str], dict[str, Claim]], claim: Claim, name: str, own: str) -> Claim | None:
    """A claim of another party to `name` that some caller sees together with `claim`."""
    wheres = (_ANY,) if claim.scope.everywhere else (_EACH, *_where(claim))
    for where in wheres:
        for party, other in filed.get((claim.world, name, where), {}).items():
            if party != own and other.scope:
                return other
    return None
