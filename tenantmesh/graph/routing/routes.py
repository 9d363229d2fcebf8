"""VirtualServices compiled: for which hosts, through which gateways, which requests go to which destinations.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final, NamedTuple

from tenantmesh.graph.fits import Fit, every, some
from tenantmesh.graph.flow import Request
from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing.fields import Reading, read_fields
from tenantmesh.graph.routing.hosts import full_name
from tenantmesh.graph.routing.matching import MESH, Caller, Match, http_match, l4_match
from tenantmesh.graph.routing.services import Protocol
from tenantmesh.graph.routing.shapes import VIRTUAL_SERVICE
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject


class Destination(NamedTuple):
    """Where a rule sends requests: a host of the mesh, its port (0: its only one) and subset ("" is all)."""

    host: str
    port: int
    subset: str
    path: str


class Rule(NamedTuple):
    """One rule: what one of `matches` takes (none: everything) and one of `outer` too goes to `destinations`.

    Without destinations it is answered by the proxy. `outer` are the conditions of the rule that delegates to it.
    """

    path: str
    matches: tuple[Match, ...]
    destinations: tuple[Destination, ...]
    outer: tuple[Match, ...] = ()
    delegate: tuple[str, str] | None = None
    answered: bool = False

    def fit(self, caller: Caller, request: Request) -> Fit:
        """Whether the rule takes a request."""
        several = (one for one in (self.matches, self.outer) if one)
        return every(some(one.fit(caller, request) for one in matches) for matches in several)

    def admits(self, caller: Caller) -> bool:
        """Whether the rule takes some request that comes in so."""
        return all(not several or any(one.admits(caller) for one in several) for several in (self.matches, self.outer))

    @property
    def takes_everything(self) -> bool:
        """Whether it has no condition."""
        return not (self.matches or self.outer)

    @property
    def is_for_paths(self) -> bool:
        """Whether each of its conditions asks for a path that is not all paths."""
        return bool(self.matches) and all(one.uri is not None and one.uri.is_part for one in self.matches)


class Rules(NamedTuple):
    """The rules of a VirtualService by what they are for, in order; the first that takes a request decides."""

    http: tuple[Rule, ...] = ()
    tls: tuple[Rule, ...] = ()
    tcp: tuple[Rule, ...] = ()

    def of(self, protocol: Protocol, request: Request) -> tuple[Rule, ...]:
        """The rules for traffic that a port's protocol says, or for AUTO the request itself."""
        if protocol is Protocol.AUTO:
            protocol = Protocol.HTTP if request.method else Protocol.TCP
        return self.http if protocol is Protocol.HTTP else (*self.tls, *self.tcp)

    @property
    def all(self) -> Iterator[Rule]:
        """All rules."""
        yield from self.http
        yield from self.tls
        yield from self.tcp


_NO_RULES: Final = Rules()


@dataclass(frozen=True, kw_only=True, eq=False)
class Route:
    """A VirtualService, or a route of Gateway API in the same form. Its rules are compiled when they are asked for.

    `hosts` are full and in lower case; `gateways` are `mesh` or `namespace/name`; `born` is its creation, "" unknown
    or of no account.
    """

    of_gateway_api: ClassVar[bool] = False
    """Whether it is one of Gateway API's: for the listeners and services that it names, and for nobody by its hosts."""

    object: ManifestObject
    namespace: str
    hosts: tuple[str, ...]
    gateways: frozenset[str]
    visible: Peers
    born: str
    domain: str

    @property
    def name(self) -> str:
        """The object's name."""
        return self.object.body["metadata"]["name"]

    @cached_property
    def reading(self) -> Reading:
        """What in it is not understood."""
        return read_fields(self.object, VIRTUAL_SERVICE)

    @property
    def unknown(self) -> tuple[Evidence, ...]:
        """What in it is not understood, as evidence."""
        return self.reading.unknown

    @cached_property
    def rules(self) -> Rules:
        """Its rules; none when it can't be read."""
        return _rules(self) if self.reading.usable else _NO_RULES

    @cached_property
    def destinations(self) -> frozenset[str]:
        """The hosts that some rule sends requests to."""
        return frozenset(to.host for rule in self.rules.all for to in rule.destinations)


def virtual_service(one: ManifestObject, visible: Peers, domain: str) -> Route | None:
    """The route that a VirtualService makes; None when its hosts or gateways can't be read."""
    metadata = one.body["metadata"]
    spec: Mapping[str, Any] = one.body.get("spec") or {}
    namespace: str = metadata["namespace"]
    hosts, gateways = spec.get("hosts") or (), spec.get("gateways") or (MESH,)
    if not all(isinstance(name, str) for name in (*hosts, *gateways)):
        return None
    return Route(
        object=one,
        namespace=namespace,
        hosts=tuple(full_name(host, namespace, domain) for host in hosts),
        gateways=frozenset(gateway_name(name, namespace, domain) for name in gateways),
        visible=visible,
        born=str(metadata.get("creationTimestamp") or ""),
        domain=domain,
    )


def gateway_name(name: str, namespace: str, domain: str) -> str:
    """The full name of a gateway that is named `mesh`, `name`, `namespace/name` or, as once, `name.namespace`."""
    if name == MESH or "/" in name:
        return name
    short = name.removesuffix(f".svc.{domain}")
    own, dot, other = short.partition(".")
    return f"{other}/{own}" if dot and "." not in other else f"{namespace}/{name}"


def _rules(route: Route) -> Rules:
    spec = route.object.body.get("spec") or {}
    return Rules(
        http=tuple(_http(route, rule, f"spec.http[{index}]") for index, rule in enumerate(spec.get("http") or ())),
        tls=tuple(_l4(route, rule, f"spec.tls[{index}]") for index, rule in enumerate(spec.get("tls") or ())),
        tcp=tuple(_l4(route, rule, f"spec.tcp[{index}]") for index, rule in enumerate(spec.get("tcp") or ())),
    )


def _gateways(route: Route, match: Mapping[str, Any]) -> frozenset[str]:
    # Without its own, a condition is for all gateways of its VirtualService.
    return frozenset(gateway_name(one, route.namespace, route.domain) for one in match.get("gateways") or ())


def _http(route: Route, rule: Mapping[str, Any], path: str) -> Rule:
    delegate = rule.get("delegate")
    mirrors = [("mirror", rule["mirror"])] if rule.get("mirror") else []
    mirrors += [
        (f"mirrors[{index}].destination", one["destination"]) for index, one in enumerate(rule.get("mirrors") or ())
    ]
    answered = bool(rule.get("redirect") or rule.get("directResponse"))
    destinations = () if answered else _weighted(route, rule, path)
    return Rule(
        path=path,
        matches=tuple(http_match(one, _gateways(route, one)) for one in rule.get("match") or ()),
        destinations=(*destinations, *(_destination(route, one, f"{path}.{where}") for where, one in mirrors)),
        delegate=(delegate.get("namespace") or route.namespace, delegate.get("name") or "") if delegate else None,
        answered=answered,
    )


def _l4(route: Route, rule: Mapping[str, Any], path: str) -> Rule:
    matches = tuple(l4_match(one, _gateways(route, one)) for one in rule.get("match") or ())
    return Rule(path=path, matches=matches, destinations=_weighted(route, rule, path))


def _weighted(route: Route, rule: Mapping[str, Any], path: str) -> tuple[Destination, ...]:
    """The destinations that get some share; a single one gets all, whatever its weight."""
    routes = rule.get("route") or ()
    return tuple(
        _destination(route, one.get("destination") or {}, f"{path}.route[{index}].destination")
        for index, one in enumerate(routes)
        if len(routes) == 1 or (one.get("weight") or 0) > 0
    )


def _destination(route: Route, body: Mapping[str, Any], path: str) -> Destination:
    port = body.get("port") or {}
    host = full_name(body.get("host") or "", route.namespace, route.domain)
    return Destination(host, int(port.get("number") or 0), body.get("subset") or "", path)
