"""Where a sidecar sends what its pod asks for: by routes that it knows, else to the service of that host."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from msgspec import Struct, field

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Request
from tenantmesh.graph.routing.book import Book
from tenantmesh.graph.routing.hosts import is_wild
from tenantmesh.graph.routing.matching import MESH, Caller
from tenantmesh.graph.routing.registry import Registry
from tenantmesh.graph.routing.routes import Destination, Route, Rule
from tenantmesh.graph.routing.scopes import Scope
from tenantmesh.graph.routing.services import Protocol, Service, ServicePort
from tenantmesh.graph.routing.subsets import SubsetBook, sni, subset_labels
from tenantmesh.graph.verdict import Effect, Evidence

PLAIN: Final = 80
"""On this port a sidecar takes requests for all hosts of its routes, whether there is a service or not."""

_WITHOUT_REQUESTS: Final = (Protocol.TCP, Protocol.TLS)
_EMPTY: Final[Mapping[str, str]] = {}


class Leg(NamedTuple):
    """One way out of a proxy: to the endpoints with `labels` behind a port of a service.

    `sni` is the one that the connection is given ("" when it is the client's); `passes` is whether it may go on to the
    address that the client asked for; `evidence` says which objects sent it.
    """

    service: Service
    port: ServicePort
    labels: Mapping[str, str]
    sni: str
    passes: bool
    evidence: tuple[Evidence, ...]


class Outcome(Struct):
    """Where a request goes: some legs, or why none; `unknown` is what was met on the way and not understood.

    `is_settled` is False when it may be that no route takes the request, as if the proxy did not know the host.
    """

    legs: list[Leg] = field(default_factory=list[Leg])
    refused: list[Evidence] = field(default_factory=list[Evidence])
    unknown: list[Evidence] = field(default_factory=list[Evidence])
    is_settled: bool = True


class Proxies:
    """The routing of sidecars and gateways over one registry of services and one book of routes."""

    def __init__(self, registry: Registry, book: Book, subsets: SubsetBook) -> None:
        self._registry = registry
        self._book = book
        self._subsets = subsets

    def imported(self, scope: Scope, host: str, port: int) -> Iterator[tuple[Service, Evidence]]:
        """The services that a sidecar knows by `host`, the narrowest first, and by what.

        Those of its own namespace hide others of the same host.
        """
        found = [
            (service, self._import(scope, service, port))
            for service in self._registry.under(host)
            if scope.namespace in service.visible
        ]
        known = [(service, evidence) for service, evidence in found if evidence is not None]
        own = {one.host for one, _ in known if one.namespace == scope.namespace}
        yield from (pair for pair in known if pair[0].namespace == scope.namespace or pair[0].host not in own)

    def _import(self, scope: Scope, service: Service, port: int) -> Evidence | None:
        one = scope.service(service.namespace, service.host, port)
        if one is None:
            return None
        if scope.object is None:
            return Evidence(Effect.ALLOWS, f"no Sidecar keeps {scope.namespace} from {service.host}")
        return Evidence(Effect.ALLOWS, f"{scope.object.key} imports {one.namespace}/{one.host}", scope.object, one.path)

    @cached_property
    def passing(self) -> Mapping[str, tuple[Service, ...]]:
        """By namespace, the services by whose names some proxy may be asked for whatever address."""
        found: defaultdict[str, dict[Service, None]] = defaultdict(dict)
        ruled = (one for rule in self._subsets.passing for one in self._registry.covered(rule.host))
        for one in (*(one for some in self._registry.asked.values() for one in some), *ruled):
            if _is_on_all_addresses(one):
                found[one.namespace][one] = None
        return {space: tuple(some) for space, some in found.items()}

    def passes(self, namespace: str, service: Service) -> bool:
        """Whether proxies of `namespace` that know `service` may be asked for whatever address by its name."""
        if service not in self.passing.get(service.namespace, ()):
            return False
        return service.is_open or any(one.passes_on for one in self._subsets.acting(namespace, service))

    def send(self, scope: Scope, labels: Mapping[str, str], host: str, port: int, request: Request) -> Outcome:
        """Where a sidecar sends `request` to `host` on `port` (0 is any): legs, or none if it knows no such host."""
        caller = Caller(MESH, port, scope.namespace, labels)
        target = self.unaliased(scope, host)
        services = list(self.imported(scope, target, port))
        if target != host and not self._book.governing(
            scope, host, lambda route: self._stands(scope, route, host, caller, request)
        ):
            host = target
        outcome = Outcome()
        protocol = _protocol(services, port)
        bare: list[Route] = []

        def stands(route: Route) -> Fit:
            if self._is_bare(route, caller, protocol, request):
                bare.append(route)
                return Fit.NO
            return self._stands(scope, route, host, caller, request)

        for route in self._book.governing(scope, host, stands):
            followed = self._follow(route, caller, protocol, request, scope, outcome)
            unsure = stands(route) is Fit.UNSURE
            if not followed or unsure:
                self._directly(scope, services, port, outcome)
            if unsure:
                outcome.is_settled = False
        if bare or self._book.is_for_others(scope, host):
            # What has a service of its own goes there, and what has none by the next route.
            self._directly(scope, services, port, outcome)
        if not (outcome.legs or outcome.refused):
            self._directly(scope, services, port, outcome)
        return outcome

    def _is_bare(self, route: Route, caller: Caller, protocol: Protocol, request: Request) -> bool:
        """Whether a route has no rule for HTTP requests of such callers, so that the proxy has nothing of it."""
        http = request.method and protocol not in _WITHOUT_REQUESTS
        return bool(http) and not any(rule.admits(caller) for rule in self._book.rules(route).http)

    def _stands(self, scope: Scope, route: Route, host: str, caller: Caller, request: Request) -> Fit:
        """Whether a sidecar has a route for `host` on the port that is asked for.

        It has on 80, and where the host or another one of the route's has a service. A wildcard is there for what has
        a service alone where it covers one; what it covers is not looked for.
        """
        port = caller.port
        if not port or not request.method:
            return Fit.YES
        for name in (host, *route.hosts):
            if any(one.host == name and one.port(port) for one, _ in self.imported(scope, name, port)):
                return Fit.YES
        if any(map(is_wild, route.hosts)):
            return Fit.UNSURE
        return Fit.YES if port == PLAIN and not route.of_gateway_api else Fit.NO

    def unaliased(self, scope: Scope, host: str) -> str:
        """The host that a sidecar takes `host` for.

        A pod of a headless Service has a name below that one's, and an ExternalName is another name of its target.
        The sidecar has to know the target, and import the name as one of the target's namespace; where the ExternalName
        is, and to whom that is exported, does not count (matchingAliasService in Istio's sidecar.go).
        """
        headless = self._registry.addresses.headless(host)
        target = headless.host if headless else self._registry.addresses.canonical(host)
        if target == host:
            return host
        known = (scope.service(one.namespace, host, 0) for one, _ in self.imported(scope, target, 0))
        return target if any(one is not None for one in known) else host

    def _directly(
        self, scope: Scope, services: Sequence[tuple[Service, Evidence]], port: int, outcome: Outcome
    ) -> None:
        there = next((one.host for one, _ in services if one.port(port)), "") if port else ""
        for service, evidence in services:
            outcome.unknown += service.unknown
            if service.target_host:
                # Of an ExternalName a sidecar has nothing but a further name for its target.
                continue
            for one in service.ports:
                if not port or (one.number == port and service.host == there):
                    listed = Evidence(Effect.ALLOWS, f"{service.object.key} is visible there", service.object)
                    outcome.legs.append(self._leg(scope, service, one, "", (evidence, listed), outcome))

    def _leg(
        self,
        scope: Scope,
        service: Service,
        port: ServicePort,
        subset: str,
        evidence: tuple[Evidence, ...],
        outcome: Outcome,
    ) -> Leg:
        rules = self._subsets.acting(scope.namespace, service)
        outcome.unknown += [one for rule in rules for one in rule.unknown]
        labels = subset_labels(rules, subset) if subset else _EMPTY
        passes = service.is_open or any(one.passes_on for one in rules)
        return Leg(service, port, labels or _EMPTY, sni(rules, subset, port.number), passes, evidence)

    def _follow(
        self, route: Route, caller: Caller, protocol: Protocol, request: Request, scope: Scope, outcome: Outcome
    ) -> bool:
        """Add where `route` sends the request; False when it has nothing to say of it and the default holds."""
        outcome.unknown += route.unknown
        # A route of which no rule is for such callers is none to the proxy.
        rules = [rule for rule in self._book.rules(route).of(protocol, request) if rule.admits(caller)]
        for rule in rules:
            fit = rule.fit(caller, request)
            if fit is Fit.NO:
                continue
            self.take(route, rule, caller, scope, outcome)
            if fit is Fit.YES:
                return True
            reason = f"{route.object.key} has an expression at {rule.path} that can't be tried"
            outcome.unknown.append(Evidence(Effect.UNKNOWN, reason, route.object, rule.path))
        if not rules or protocol in _WITHOUT_REQUESTS or not request.method:
            return False
        reason = f"{route.object.key} has no rule that takes {request.method} {request.path}"
        outcome.refused.append(Evidence(Effect.DENIES, reason, route.object, "spec.http"))
        return True

    def take(self, route: Route, rule: Rule, caller: Caller, scope: Scope, outcome: Outcome) -> None:
        """Add the legs of a rule that takes the request."""
        if not rule.destinations:
            reason = f"{route.object.key} answers by itself at {rule.path}"
            outcome.refused.append(Evidence(Effect.DENIES, reason, route.object, rule.path))
        for to in rule.destinations:
            self._to(route, to, caller, scope, outcome)

    def _to(self, route: Route, to: Destination, caller: Caller, scope: Scope, outcome: Outcome) -> None:
        sends = Evidence(Effect.ALLOWS, f"{route.object.key} sends it to {to.host}", route.object, to.path)
        before = len(outcome.legs)
        for service in self.destinations(scope, to.host):
            outcome.unknown += service.unknown
            rules = self._subsets.acting(scope.namespace, service)
            if to.subset and subset_labels(rules, to.subset) is None:
                continue
            for port in _ports(service, to.port, caller.port):
                outcome.legs.append(self._leg(scope, service, port, to.subset, (sends,), outcome))
        if len(outcome.legs) == before:
            reason = f"{route.object.key} sends it to {to.host}, which {scope.namespace} does not see there"
            outcome.refused.append(Evidence(Effect.DENIES, reason, route.object, to.path))

    def destinations(self, scope: Scope, host: str) -> Iterator[Service]:
        """The services that a rule's destination means for a proxy. What a route names need not be imported too."""
        named = (one for one in self._registry.under(host) if one.host == host)
        known = [one for one in named if scope.sends_to(one.namespace, one.visible)]
        own = [one for one in known if one.namespace == scope.namespace]
        yield from own or (one for one in known if scope.namespace in one.visible)


def _is_on_all_addresses(service: Service) -> bool:
    """Whether proxies listen for some port of it on any address: of Kubernetes Services only for those of HTTP."""
    return not service.kubernetes or any(one.protocol is Protocol.HTTP for one in service.ports)


def _ports(service: Service, number: int, asked: int) -> Iterable[ServicePort]:
    """The port that a destination means: the numbered one, else the only one, else the one that was asked for."""
    if len(service.ports) == 1 and not number:
        return service.ports
    wanted = number or asked
    return [one for one in service.ports if not wanted or one.number == wanted]


def _protocol(services: Iterable[tuple[Service, Evidence]], port: int) -> Protocol:
    found = {one.protocol for service, _ in services for one in service.ports if not port or one.number == port}
    return found.pop() if len(found) == 1 else Protocol.AUTO
