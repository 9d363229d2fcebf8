"""EGRESS openings: where the sidecars and gateways of a namespace send, in other namespaces and outside.

It speaks of pods with a proxy of the mesh. Without one nothing routes, and the other layers have to hold alone.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from tenantmesh.graph.flow import Outside, Proxy, Request, Workload
from tenantmesh.graph.opening import Direction, Opening, Peers
from tenantmesh.graph.ports import EXAMPLE
from tenantmesh.graph.routing.egress import Egress
from tenantmesh.graph.routing.entrances import ANY_POD, taken, target_ports
from tenantmesh.graph.routing.gateways import bound
from tenantmesh.graph.routing.hosts import example, service_host
from tenantmesh.graph.routing.inside import Inside
from tenantmesh.graph.routing.matching import MESH, Caller
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.routes import Route, Rule
from tenantmesh.graph.routing.scopes import ANY_NAMESPACE, Import, Scope
from tenantmesh.graph.routing.servers import Gateway
from tenantmesh.graph.routing.services import Resolution, Service
from tenantmesh.graph.verdict import Effect, Evidence, Layer

_EMPTY: Final[Mapping[str, str]] = {}
_ALL: Final = Peers(everywhere=True, outside=True)
_OUTSIDE: Final = Peers(outside=True)


class _Sent(NamedTuple):
    """A rule that leads to a service for a proxy: what `evidence` says, and one request that it takes."""

    workload: Workload
    service: Service
    request: Request
    evidence: tuple[Evidence, ...]


class Exits:
    """The ways out of a namespace."""

    def __init__(self, parts: Parts, inside: Inside, egress: Egress) -> None:
        self._parts = parts
        self._inside = inside
        self._egress = egress

    def of(self, namespace: str) -> Iterator[Opening]:
        """The ways out of a namespace: by the scope of each of its Sidecars, and through its gateways."""
        scopes = self._parts.scopes
        for scope in dict.fromkeys((*scopes.in_namespace(namespace), scopes.default(namespace))):
            yield from self._scope(scope)
        yield from self._gateways(namespace)

    def _scope(self, scope: Scope) -> Iterator[Opening]:
        pod = Workload(namespace=scope.namespace, name=ANY_POD, labels=scope.labels or _EMPTY, proxy=Proxy.SIDECAR)
        if not scope.registry_only:
            path = "spec.outboundTrafficPolicy" if scope.object else ""
            reason = f"sidecars of {scope.namespace} pass on what no service names"
            yield _opening(pod, _ALL, Request(port=EXAMPLE), (), (Evidence(Effect.ALLOWS, reason, scope.object, path),))
            return
        if doubts := self._doubts(scope, pod):
            yield _opening(pod, _ALL, Request(port=EXAMPLE), (), doubts)
        for service in self._inside.passing(scope):
            yield from _passing(pod, service)
        for one in scope.imports:
            if one.namespace != scope.namespace:
                yield from self._imported(scope, pod, one)
        for sent in self._routed(scope, pod):
            yield from self._sent(sent)
        yield from self._listed(scope, pod)
        for service in self._egress.known(scope):
            yield from _outside(pod, service)

    def _doubts(self, scope: Scope, pod: Workload) -> tuple[Evidence, ...]:
        """What is not understood and may send anywhere."""
        book = self._parts.book
        routes = [evidence for one in book.doubtful if book.knows(scope, one) for evidence in one.unknown]
        filters = self._parts.filters.in_namespace(scope.namespace)
        return (*scope.unknown, *filters, *self._parts.unreadable(pod, pod), *routes)

    def _imported(self, scope: Scope, pod: Workload, one: Import) -> Iterator[Opening]:
        evidence = _by_import(scope, one)
        if one.namespace == ANY_NAMESPACE:
            # A class of namespaces, not a list of them: whoever exports there is reached.
            request = Request(port=EXAMPLE, host="" if one.host == "*" else example(one.host))
            yield _opening(pod, Peers(everywhere=True), request, (), (evidence,))
            return
        for service in self._parts.registry.all_in(one.namespace):
            known = scope.namespace in service.visible and scope.service(one.namespace, service.host, 0) is one
            if known and service.selector is not None:
                exported = Evidence(Effect.ALLOWS, f"{service.object.key} is exported there", service.object)
                yield _to(pod, service, Request(port=EXAMPLE), (evidence, exported))

    def _routed(self, scope: Scope, pod: Workload) -> Iterator[_Sent]:
        """What routes that sidecars know of lead to; it need not be imported too."""
        for route in self._parts.book.for_sidecars(scope):
            caller = Caller(MESH, 0, scope.namespace, pod.labels)
            rules = self._parts.book.rules(route)
            for rule in rules.all:
                if self._crosses(scope, rule) and rule.admits(caller):
                    host = example(route.hosts[0])
                    yield from self._rule(
                        scope, pod, route, rule, taken(rule, caller, Request(port=EXAMPLE, host=host))
                    )

    def _crosses(self, scope: Scope, rule: Rule) -> bool:
        """Whether a rule may lead out of the scope's own namespace: not when it only names Services of it."""
        if scope.namespace in self._parts.registry.foreign:
            return True
        own = service_host("", scope.namespace, self._parts.cluster.mesh.cluster_domain)
        return not all(to.host.endswith(own) for to in rule.destinations)

    def _rule(self, scope: Scope, pod: Workload, route: Route, rule: Rule, request: Request) -> Iterator[_Sent]:
        for to in rule.destinations:
            evidence = Evidence(Effect.ALLOWS, f"{route.object.key} sends it to {to.host}", route.object, to.path)
            for service in self._parts.proxies.destinations(scope, to.host):
                yield _Sent(pod, service, request, (evidence,))

    def _sent(self, sent: _Sent) -> Iterator[Opening]:
        service = sent.service
        at_gateway = sent.workload.proxy is Proxy.GATEWAY
        # A gateway has no address that its client asked for, only a name.
        passes = self._parts.proxies.passes(sent.workload.namespace, service)
        if service.resolution is Resolution.DYNAMIC if at_gateway else passes:
            yield from _passing(sent.workload, service)
        if service.selector is not None:
            if service.namespace != sent.workload.namespace:
                yield _to(sent.workload, service, sent.request, sent.evidence)
        elif not service.kubernetes and not service.listed:
            yield from _outside(sent.workload, service, sent.evidence)
        yield from self._targets(sent.workload, service, sent.evidence)

    def _listed(self, scope: Scope, pod: Workload) -> Iterator[Opening]:
        """What services reach that list addresses or names, which may be another namespace's."""
        foreign = self._parts.registry.foreign
        for space in foreign if scope.all_namespaces else [one for one in scope.by_namespace if one in foreign]:
            for service in foreign[space]:
                one = scope.service(space, service.host, 0)
                if one is not None and scope.namespace in service.visible:
                    yield from self._targets(pod, service, (_by_import(scope, one),))

    def _targets(self, pod: Workload, service: Service, evidence: tuple[Evidence, ...]) -> Iterator[Opening]:
        if service.namespace not in self._parts.registry.foreign or not self._parts.registry.leads_away(service):
            return
        listed = Evidence(Effect.ALLOWS, f"{service.object.key} lists an address or name", service.object)
        for port in service.ports:
            for target in self._parts.registry.targets(service, port):
                request = Request(port=target.port, host=example(service.host))
                ports = ((target.port, target.port),)
                if target.endpoint is None:
                    yield _opening(pod, _ALL, request, ports, (*evidence, listed))
                elif isinstance(target.endpoint, Workload) and target.endpoint.namespace != pod.namespace:
                    peers = Peers(frozenset((target.endpoint.namespace,)))
                    opening = _opening(pod, peers, request, ports, (*evidence, listed))
                    yield replace(opening, peer=replace(target.endpoint, namespace=""))
                elif isinstance(target.endpoint, Outside):
                    yield _opening(pod, _OUTSIDE, request, ports, (*evidence, listed))

    def _gateways(self, namespace: str) -> Iterator[Opening]:
        """Where gateways send: by the namespace's own Gateways, and by foreign ones that pods of it serve."""
        gateways = self._parts.gateways
        seen: set[str] = set()
        for gateway in gateways.by_namespace.get(namespace, ()):
            seen.add(gateway.key)
            labels = dict(gateway.selector)
            pod = Workload(namespace=namespace, name=ANY_POD, labels=labels, proxy=Proxy.GATEWAY)
            yield from self._gateway(gateway, next((one for one in gateways.pods(gateway)), pod), namespace)
        for pod in gateways.in_namespace(namespace):
            for gateway in gateways.serving(pod):
                if gateway.key not in seen:
                    yield from self._gateway(gateway, pod, namespace)

    def _gateway(self, gateway: Gateway, pod: Workload, namespace: str) -> Iterator[Opening]:
        pod = pod if pod.namespace == namespace else replace(pod, namespace=namespace, name=ANY_POD, object=None)
        scope = self._parts.scopes.gateway(namespace)
        for route in self._parts.book.by_gateway.get(gateway.key, ()):
            if namespace in route.visible:
                for server in gateway.servers:
                    caller = Caller(gateway.key, server.port, namespace, pod.labels)
                    for host in bound(server, route):
                        request = Request(port=EXAMPLE, host=example(host), sni=example(host))
                        for rule in self._parts.book.rules(route).all:
                            if self._crosses(scope, rule) and rule.admits(caller):
                                for sent in self._rule(scope, pod, route, rule, taken(rule, caller, request)):
                                    yield from self._sent(sent)


def _opening(
    pod: Workload, peers: Peers, request: Request, ports: tuple[tuple[int, int], ...], evidence: tuple[Evidence, ...]
) -> Opening:
    return Opening(
        layer=Layer.ROUTING,
        direction=Direction.EGRESS,
        namespace=pod.namespace,
        workload=pod,
        peers=peers,
        request=request,
        ports=ports,
        evidence=evidence,
    )


def _to(pod: Workload, service: Service, request: Request, evidence: tuple[Evidence, ...]) -> Opening:
    """To the pods of a service."""
    ports = target_ports(service)
    return Opening(
        layer=Layer.ROUTING,
        direction=Direction.EGRESS,
        namespace=pod.namespace,
        workload=pod,
        peers=Peers(frozenset((service.namespace,))),
        peer=Workload(namespace="", name=service.name, labels=service.selector or _EMPTY),
        request=replace(request, port=ports[0][0] if ports else EXAMPLE),
        ports=ports,
        evidence=evidence,
    )


def _passing(pod: Workload, service: Service) -> Iterator[Opening]:
    for port in service.ports:
        reason = f"{service.object.key} sends it to whatever address the client asks for"
        evidence = (Evidence(Effect.ALLOWS, reason, service.object),)
        # By the address of a Service or node, the port at the pod may be another.
        yield _opening(pod, _ALL, Request(port=port.number, host=example(service.host)), (), evidence)


def _outside(pod: Workload, service: Service, evidence: tuple[Evidence, ...] = ()) -> Iterator[Opening]:
    named = Evidence(Effect.ALLOWS, f"{service.object.key} names {service.host}", service.object, "spec.hosts")
    if service.selector is None and service.ports:
        numbers = sorted({int(port.target) for port in service.ports})
        request = Request(port=numbers[0], host=example(service.host), sni=example(service.host))
        ports = tuple((number, number) for number in numbers)
        yield _opening(pod, _OUTSIDE, request, ports, (*evidence, named))


def _by_import(scope: Scope, one: Import) -> Evidence:
    what = f"{one.namespace}/{one.host}"
    by = f"{scope.object.key} imports {what}" if scope.object else f"without a Sidecar {what} is imported"
    return Evidence(Effect.ALLOWS, by, scope.object, one.path)
