"""Where legs end: at a pod, outside, or at a gateway that sends the request on."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec.structs import replace

from tenantmesh.graph.fits import Fit, some
from tenantmesh.graph.flow import Outside, Request, Workload
from tenantmesh.graph.routing.book import Book, comes_before
from tenantmesh.graph.routing.gateways import Gateways, bound, is_gateway
from tenantmesh.graph.routing.hosts import covers, example, narrowness
from tenantmesh.graph.routing.matching import Caller
from tenantmesh.graph.routing.proxies import Leg, Outcome, Proxies
from tenantmesh.graph.routing.registry import Registry, Target
from tenantmesh.graph.routing.routes import Route, Rule
from tenantmesh.graph.routing.scopes import Scopes
from tenantmesh.graph.routing.servers import Gateway, Server
from tenantmesh.graph.routing.services import Protocol, Resolution
from tenantmesh.graph.verdict import Effect, Evidence

_HOPS: Final = 4


class End(NamedTuple):
    """Where a request ends: whom it reaches (None: nobody can tell), on which port, by which gateways and objects."""

    target: Target
    gateways: tuple[Workload, ...]
    evidence: tuple[Evidence, ...]
    leg: Leg


class Door(NamedTuple):
    """A server of a gateway at one of its pods."""

    pod: Workload
    gateway: Gateway
    server: Server

    @property
    def caller(self) -> Caller:
        """What routes ask of the proxy."""
        return Caller(self.gateway.key, self.server.port, self.pod.namespace, self.pod.labels)

    def shares_hosts(self, other: "Door") -> bool:
        """Whether the routes of both are tried for one request: those of one server, or of one port in plain text."""
        if self == other:
            return self.server.routed_as is Protocol.HTTP
        plain = self.server.protocol is Protocol.HTTP and other.server.protocol is Protocol.HTTP
        return plain and self.server.port == other.server.port


class Reach:
    """Follows legs to their ends."""

    def __init__(self, registry: Registry, book: Book, gateways: Gateways, scopes: Scopes, proxies: Proxies) -> None:
        self._registry = registry
        self._book = book
        self._gateways = gateways
        self._scopes = scopes
        self._proxies = proxies

    def pod(self, leg: Leg, pod: Workload, request: Request, asked: int) -> Fit:
        """Whether a leg ends at `pod` on the port of `request`, for a client that asks for a port (0 is any)."""
        fit = self._registry.serves(leg.service, leg.port, pod, request.port, leg.labels)
        return fit if fit is Fit.YES else some((fit, self._asked(leg, pod, request, asked)))

    def forwarded(self, leg: Leg, pod: Workload, request: Request) -> Fit:
        """Whether a leg out of a gateway ends at `pod`: its clients ask it for names, and for no other address."""
        fit = self._registry.serves(leg.service, leg.port, pod, request.port, leg.labels)
        dynamic = leg.service.resolution is Resolution.DYNAMIC
        return some((fit, self._asked(leg, pod, request, leg.port.number))) if dynamic else fit

    def _asked(self, leg: Leg, pod: Workload, request: Request, asked: int) -> Fit:
        """Whether the client may ask for the pod's own address, because the proxy goes where it is asked to."""
        service = leg.service
        if not leg.passes:
            return Fit.NO
        fronts = self._registry.fronts(pod, request.port)
        if asked and fronts.isdisjoint(ports_asked(leg, asked)):
            return Fit.NO
        if service.kubernetes:
            # Only HTTP ports of a headless Service are listened to on any address.
            return Fit.YES if leg.port.protocol is Protocol.HTTP and request.method else Fit.NO
        if not service.addresses:
            return Fit.YES
        places = [self._registry.addresses.in_block(block) for block in service.addresses]
        fits = [self._registry.fits(place, leg.port.number, pod, request.port) for place in places]
        if Fit.YES in fits:
            return Fit.YES
        return Fit.UNSURE if any(place.unsure for place in places) else Fit.NO

    def outside(self, leg: Leg, outside: Outside, request: Request) -> tuple[Fit, tuple[Evidence, ...]]:
        """Whether a leg ends outside the cluster at `outside`, on the port of `request`, and by which objects."""
        if leg.passes and leg.service.kubernetes and leg.port.protocol is Protocol.HTTP and request.method:
            return (Fit.YES if leg.port.number == request.port else Fit.NO), leg.evidence
        found: tuple[Fit, tuple[Evidence, ...]] = (Fit.NO, leg.evidence)
        for end in self.ends(leg, outside.host, request):
            there = end.target.endpoint
            if there is None:
                found = (Fit.UNSURE, end.evidence)
            elif isinstance(there, Outside) and end.target.port == request.port and _is(there, end.leg, outside):
                return Fit.YES, end.evidence
        return found

    def ends(self, leg: Leg, host: str, request: Request, hops: int = _HOPS) -> Iterator[End]:
        """Where a leg ends, gateways followed, among what is there; `host` is the name that the client asked for."""
        if leg.passes and not leg.service.kubernetes and not leg.service.listed:
            named = example(host) if covers(leg.service.host, host) else example(leg.service.host)
            yield End(Target(Outside(host=named), leg.port.number), (), leg.evidence, leg)
        for target in self._registry.targets(leg.service, leg.port, leg.labels):
            pod = target.endpoint
            if isinstance(pod, Workload) and is_gateway(pod) and hops:
                asked = replace(request, sni=leg.sni or request.sni or host, host=request.host or host)
                for end in self.through(pod, target.port, asked, hops - 1):
                    yield End(end.target, (pod, *end.gateways), (*leg.evidence, *end.evidence), end.leg)
            yield End(target, (), leg.evidence, leg)

    def through(self, pod: Workload, port: int, request: Request, hops: int = _HOPS) -> Iterator[End]:
        """Where gateway `pod` sends a request that comes in on `port` (0 is any)."""
        outcome = self.forward(pod, port, request)
        for leg in outcome.legs:
            yield from self.ends(leg, request.host, request, hops)

    def forward(self, pod: Workload, port: int, request: Request, only: frozenset[str] | None = None) -> Outcome:
        """The legs out of gateway `pod` for a request that comes in on `port` (0 is any).

        `only`: routes that lead to none of these hosts need not be followed.
        """
        outcome = Outcome()
        serving = list(self._gateways.serving(pod))
        outcome.unknown += (one for gateway in serving for one in gateway.unknown)
        doors = [
            Door(pod, gateway, server)
            for gateway in serving
            for server in gateway.servers
            if not port or port in self.listening(pod, server)
        ]
        for door in doors:
            for route, host in self._bound(door, request):
                if only is None or only & self._book.destinations(route):
                    self._serve(door, doors, route, host, request, outcome)
        return outcome

    def _bound(self, door: Door, request: Request) -> Iterator[tuple[Route, str]]:
        """The routes that a server has for a request, each with the narrowest host by which it has it."""
        name = door.server.name(request)
        for route in self._book.at_gateway(door.gateway.key, name):
            host = max(bound(door.server, route, name), key=narrowness, default="")
            if host and door.pod.namespace in route.visible:
                yield route, host

    def _serve(
        self, door: Door, doors: Iterable[Door], route: Route, host: str, request: Request, outcome: Outcome
    ) -> None:
        if door.server.redirects:
            reason = f"{door.gateway.object.key} sends clients of {door.server.path} to HTTPS"
            path = f"{door.server.path}.tls"
            outcome.refused.append(Evidence(Effect.DENIES, reason, door.gateway.object, path))
            return
        first = self._first(door, doors, route, host, request)
        if first is None:
            self._route(door, route, request, outcome)
        else:
            reason = f"{first.object.key} takes it before {route.object.key}"
            outcome.refused.append(Evidence(Effect.DENIES, reason, first.object, "spec.hosts"))

    def _first(self, door: Door, doors: Iterable[Door], route: Route, host: str, request: Request) -> Route | None:
        """Another route that certainly takes the request: one of a narrower host, or an older one of the same host."""
        if not door.server.name(request):
            return None
        for other in doors:
            if other.gateway.unknown or not door.shares_hosts(other):
                continue
            for rival, its_host in self._bound(other, request):
                rules = () if rival.unknown or rival.of_gateway_api else self._book.rules(rival).http
                if narrowness(its_host) > narrowness(host) and any(rule.admits(other.caller) for rule in rules):
                    return rival
                older = other == door and its_host == host and comes_before(rival, route, door.pod.namespace)
                if older and self._takes_all_of(route, rules, door.caller, request):
                    return rival
        return None

    def _takes_all_of(self, route: Route, rules: Iterable[Rule], caller: Caller, request: Request) -> bool:
        """Whether `rules` of an older route of the same host leave a request to none of `route`.

        Istio tries rules that take everything last, whichever route has them (SortVHostRoutes in its route.go).
        """
        certain = [rule for rule in rules if rule.fit(caller, request) is Fit.YES]
        if any(rule.is_for_paths for rule in certain):
            return True
        left = (rule for rule in self._book.rules(route).http if rule.fit(caller, request) is not Fit.NO)
        return bool(certain) and all(rule.takes_everything for rule in left)

    def _route(self, door: Door, route: Route, request: Request, outcome: Outcome) -> None:
        reason = f"{door.gateway.object.key} serves it"
        evidence = Evidence(Effect.ALLOWS, reason, door.gateway.object, door.server.path)
        scope = self._scopes.gateway(door.pod.namespace)
        outcome.unknown += route.unknown
        before = len(outcome.legs)
        rules = self._book.rules(route)
        listed = rules.http if door.server.routed_as is Protocol.HTTP else (*rules.tls, *rules.tcp)
        for rule in listed:
            fit = rule.fit(door.caller, request)
            if fit is not Fit.NO:
                self._proxies.take(route, rule, door.caller, scope, outcome)
            if fit is Fit.YES:
                break
        outcome.legs[before:] = [leg._replace(evidence=(evidence, *leg.evidence)) for leg in outcome.legs[before:]]

    def listening(self, pod: Workload, server: Server) -> frozenset[int]:
        """The ports that `pod` listens on for `server`: the target of a Service's port of that number, else it."""
        found = self._targets(pod, server.port)
        return frozenset(found or (server.port,))

    def _targets(self, pod: Workload, number: int) -> Iterable[int]:
        for service in self._registry.services(pod.namespace).values():
            port = service.port(number)
            if port is not None and service.selector and service.selector.items() <= pod.labels.items():
                listened = [one.port for one in self._registry.targets(service, port) if one.endpoint == pod]
                if not listened and isinstance(port.target, int):
                    listened = [port.target]
                if listened:
                    return listened
        return ()


def ports_asked(leg: Leg, asked: int) -> tuple[int, ...]:
    """The ports that a proxy may go on to at the address that its client asked for on port `asked`.

    Istio has a ServiceEntry's `targetPort` in place of it, where there is one.
    """
    return (asked,) if leg.service.kubernetes else (asked, int(leg.port.target))


def _is(there: Outside, leg: Leg, wanted: Outside) -> bool:
    """Whether the end of a leg is, or may be made to be, the one that is wanted."""
    if not (wanted.host or wanted.address):
        return True
    asked = leg.passes
    if wanted.host:
        return covers(leg.service.host, wanted.host.lower()) or there.host == wanted.host.lower()
    # Only where the client chooses it can an address be known to be the one: names may mean any.
    return there.address == wanted.address or (asked and not leg.service.addresses)
