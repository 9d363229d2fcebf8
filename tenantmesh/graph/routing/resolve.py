"""Who gets a request that is sent to a host and port: the way that it takes, hop by hop."""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request, Workload
from tenantmesh.graph.routing.addresses import Place
from tenantmesh.graph.routing.filters import distinct, unknown
from tenantmesh.graph.routing.front import Front
from tenantmesh.graph.routing.gateways import is_gateway
from tenantmesh.graph.routing.hosts import without_port
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.proxies import Leg
from tenantmesh.graph.routing.reach import End, ports_asked
from tenantmesh.graph.routing.scopes import Scope
from tenantmesh.graph.routing.services import Resolution, ServicePort
from tenantmesh.graph.verdict import Answer, Effect, Evidence


class Arrival(Struct, frozen=True, kw_only=True):
    """One that may get the request, on which port, through which gateways; `destination` None: nobody can tell who."""

    destination: Endpoint | None
    port: int
    gateways: tuple[Workload, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Route(Struct, frozen=True, kw_only=True):
    """Where a request goes. Without arrivals it is refused, or not to be decided; `evidence` says why."""

    answer: Answer
    reason: str
    arrivals: tuple[Arrival, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Resolver:
    """Follows requests by host and port."""

    def __init__(self, parts: Parts, front: Front) -> None:
        self._parts = parts
        self._front = front

    def resolve(self, source: Endpoint, host: str, port: int, request: Request) -> Route:
        """Who gets `request` when `source` sends it to `host` on `port`."""
        if isinstance(source, Outside):
            return self._outside(host, port, request)
        if source.proxy is Proxy.SIDECAR and not is_gateway(source):
            return self._sidecar(source, host, port, request)
        return self._plain(source, host, port)

    def _sidecar(self, source: Workload, host: str, port: int, request: Request) -> Route:
        scope = self._parts.scopes.of(source)
        odd = [*scope.unknown, *self._parts.filters.on(source), *self._parts.unreadable(source, source)]
        refused: list[Evidence] = []
        for name in self._parts.registry.addresses.meant(host, source.namespace):
            if not self._is_listed(scope, name, host, port):
                continue
            outcome = self._parts.proxies.send(scope, source.labels, name, port, request)
            odd += outcome.unknown
            refused += outcome.refused
            passed = not outcome.is_settled and not scope.registry_only
            past = self._plain(source, host, port).arrivals if passed else ()
            if outcome.legs or past:
                # Nobody but the client knows where a headless Service is.
                known = [leg for leg in outcome.legs if not (leg.service.kubernetes and leg.service.is_open)]
                ends = [end for leg in known for end in self._parts.reach.ends(leg, name, request)]
                past += tuple(one for leg in outcome.legs for one in self._asked(leg, source, host, port))
                return _route(ends, odd, f"{name} is known to the sidecar of {source}", past)
        if not refused and not scope.registry_only:
            return self._plain(source, host, port, odd)
        return _refused(f"the sidecar of {source} sends {host}:{port} nowhere", (*refused, *_nowhere(scope, host)), odd)

    def _is_listed(self, scope: Scope, name: str, host: str, port: int) -> bool:
        """Whether a sidecar takes `host` for `name`: of hosts without a service it knows no shorter names."""
        target = self._parts.proxies.unaliased(scope, name)
        known = (one for one, _ in self._parts.proxies.imported(scope, target, port) if one.host == target)
        return name == without_port(host) or any(one.port(port) for one in known)

    def _asked(self, leg: Leg, source: Workload, host: str, port: int) -> Iterator[Arrival]:
        """Who is at the address that the pod asked for, where a leg goes on to that."""
        if leg.passes:
            for number in dict.fromkeys(ports_asked(leg, port)):
                for one in self._plain(source, host, number).arrivals:
                    yield replace(one, evidence=(*leg.evidence, *one.evidence))

    def _plain(self, source: Workload, host: str, port: int, odd: Iterable[Evidence] = ()) -> Route:
        """By the cluster's DNS and kube-proxy alone."""
        reason = f"{source} asks the cluster's DNS, and nothing stands between"
        place = self._place(host, source.namespace)
        service = place.service
        if service is not None:
            # The name of a headless one means the addresses of its pods, at which any port can be asked for.
            asked = ServicePort(port, port) if service.resolution is Resolution.ASKED else service.port(port)
            targets = self._parts.registry.targets(service, asked) if asked else ()
            named = (Evidence(Effect.ALLOWS, f"{service.object.key} is {host}", service.object),)
            arrivals = tuple(Arrival(destination=one.endpoint, port=one.port, evidence=named) for one in targets)
            return _answer(arrivals, distinct(odd), reason)
        found_there: tuple[Endpoint | None, ...] = (*place.pods, *((None,) if place.unsure else ()))
        if place.outside is not None:
            found_there = (place.outside,)
        arrivals = tuple(Arrival(destination=one, port=port) for one in found_there)
        return _answer(arrivals, distinct(odd), reason)

    def _place(self, host: str, namespace: str) -> Place:
        """What the cluster's DNS has for a host that a pod of `namespace` asks for."""
        addresses = self._parts.registry.addresses
        for name in addresses.meant(host, namespace):
            if addresses.service(name) is not None:
                return addresses.at(name)
            headless = addresses.headless(name)
            if headless is not None:
                return Place(service=headless)
        return addresses.at(without_port(host))

    def _outside(self, host: str, port: int, request: Request) -> Route:
        """Through whichever gateways are open on `port` and serve `host`."""
        asked = replace(request, host=request.host or host, sni=request.sni or without_port(host))
        ends: list[End] = []
        odd: list[Evidence] = []
        for gateway in self._parts.gateways.all.values():
            for pod in self._parts.gateways.pods(gateway):
                if self._front.is_open(gateway, pod):
                    ends += self._at(pod, port, asked)
                    odd += self._parts.filters.on(pod)
        through = {(str(end.target.endpoint), end.target.port, *map(str, end.gateways)): end for end in ends}
        return _route(through.values(), odd, f"gateways that are open to the outside serve {host}:{port}")

    def _at(self, pod: Workload, port: int, request: Request) -> Iterator[End]:
        """What a gateway pod does with a request that the outside sends to `port`."""
        listened = {
            number
            for gateway in self._parts.gateways.serving(pod)
            for server in gateway.servers
            if server.port == port
            for number in self._parts.reach.listening(pod, server)
        }
        for number in sorted(listened):
            for end in self._parts.reach.through(pod, number, request):
                yield end._replace(gateways=(pod, *end.gateways))


def _route(ends: Iterable[End], odd: Iterable[Evidence], reason: str, past: tuple[Arrival, ...] = ()) -> Route:
    """What comes of `ends`, and of `past`, those to whom it may go by no route of the proxy's."""
    arrivals = tuple(
        Arrival(destination=one.target.endpoint, port=one.target.port, gateways=one.gateways, evidence=one.evidence)
        for one in ends
    )
    # A gateway that sends the request on is a hop, not where it ends.
    hops = {(str(pod),) for one in arrivals for pod in one.gateways}
    kept = tuple(one for one in arrivals if (str(one.destination),) not in hops)
    return _answer((*kept, *past), distinct(odd), reason)


def _answer(arrivals: tuple[Arrival, ...], odd: tuple[Evidence, ...], reason: str) -> Route:
    evidence = distinct((*(one for arrival in arrivals for one in arrival.evidence), *odd))
    if unknown(evidence) or any(one.destination is None for one in arrivals):
        return Route(answer=Answer.UNPROVEN, reason=reason, arrivals=arrivals, evidence=evidence)
    if not arrivals:
        return Route(answer=Answer.DENIED, reason="nobody is there", evidence=evidence)
    return Route(answer=Answer.ALLOWED, reason=reason, arrivals=arrivals, evidence=evidence)


def _refused(reason: str, refused: Iterable[Evidence], odd: Iterable[Evidence]) -> Route:
    evidence = distinct((*refused, *odd))
    answer = Answer.UNPROVEN if unknown(evidence) else Answer.DENIED
    return Route(answer=answer, reason=reason, evidence=evidence)


def _nowhere(scope: Scope, host: str) -> Iterator[Evidence]:
    if scope.registry_only:
        path = "spec.outboundTrafficPolicy" if scope.object else ""
        reason = f"sidecars of {scope.namespace} drop what no service names, and none that they know of is {host}"
        yield Evidence(Effect.DENIES, reason, scope.object, path)
