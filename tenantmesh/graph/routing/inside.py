"""From a sidecar to a pod: by a service that its scope holds, or by the pod's address where the proxy lets it pass."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.routing.answers import Tally, allowed
from tenantmesh.graph.routing.hosts import covers, example, is_wild
from tenantmesh.graph.routing.matching import MESH
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.proxies import PLAIN
from tenantmesh.graph.routing.routes import Route
from tenantmesh.graph.routing.scopes import Scope
from tenantmesh.graph.routing.services import Service
from tenantmesh.graph.verdict import Effect, Evidence, LayerVerdict


class Asked(NamedTuple):
    """A host and a port (0 is any) that a pod may ask its sidecar for."""

    host: str
    port: int


class Inside:
    """Verdicts between a pod with a sidecar and another pod."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = parts.registry
        self._book = parts.book

    def verdict(self, source: Workload, pod: Workload, request: Request) -> LayerVerdict:
        """Whether the sidecar of `source` sends `request` to `pod` when it is asked in some way that fits."""
        scope = self._parts.scopes.of(source)
        known = [*scope.unknown, *self._parts.filters.on(source), *self._parts.unreadable(source, pod)]
        known += self._doubts(scope, pod, request)
        if not scope.registry_only:
            return self._open(scope, known, source, pod)
        tally = Tally(known)
        for asked in self._candidates(scope, pod, request):
            outcome = self._parts.proxies.send(scope, source.labels, asked.host, asked.port, request)
            tally.unknown += outcome.unknown
            tally.refused += outcome.refused
            fits = ((self._parts.reach.pod(leg, pod, request, asked.port), leg.evidence) for leg in outcome.legs)
            if any(tally.count(*fit) for fit in fits):
                break
        tally.refused += self._missing(scope, pod, request)
        return tally.verdict(
            f"the sidecar of {source} routes to {pod}",
            f"the sidecar of {source} knows no way to {pod} on port {request.port}",
            closing=self._closing(tally.certain or ()),
            opening=self._opening(scope, pod, request),
        )

    def _doubts(self, scope: Scope, pod: Workload, request: Request) -> Iterator[Evidence]:
        """Routes that may lead to the pod for all that is understood of them: where they can see a service of it."""
        doubtful = [one for one in self._book.doubtful if self._book.knows(scope, one)]
        behind = self._registry.behind(pod, request.port) if doubtful else ()
        if any(scope.sends_to(service.namespace, service.visible) for service, _, _ in behind):
            yield from (evidence for one in doubtful for evidence in one.unknown)

    def _open(self, scope: Scope, known: list[Evidence], source: Workload, pod: Workload) -> LayerVerdict:
        reason = f"the sidecar of {source} passes on what no service names, so any address can be asked"
        where = (scope.object, "spec.outboundTrafficPolicy") if scope.object else (None, "")
        evidence = Evidence(Effect.ALLOWS, reason, *where)
        change = f"give {scope.namespace} a Sidecar with outboundTrafficPolicy REGISTRY_ONLY"
        return allowed(f"{reason}, that of {pod} too", (evidence, *known), change)

    def _candidates(self, scope: Scope, pod: Workload, request: Request) -> Iterator[Asked]:
        """What could be asked for to get to the pod, once each; only the request's host, where it has one."""
        names = self.names(request.host, scope) if request.method and request.host else None
        found = dict.fromkeys(self._all(scope, pod, request))
        for one in found:
            if names is None:
                yield Asked(example(one.host), one.port)
            else:
                fitting = next((name for name in names if covers(one.host, name)), None)
                if fitting is not None:
                    yield Asked(fitting, one.port)

    def _all(self, scope: Scope, pod: Workload, request: Request) -> Iterator[Asked]:
        for service, port, _ in self._registry.behind(pod, request.port):
            if scope.sends_to(service.namespace, service.visible):
                yield Asked(service.host, port.number)
                yield from self._routed(scope, service, request)
        for service in self.passing(scope):
            yield from (Asked(service.host, port.number) for port in service.ports)
        for service in self._routed_on:
            # What a route leads to need not be imported too.
            if scope.sends_to(service.namespace, service.visible):
                yield from self._routed(scope, service, request)

    @cached_property
    def _routed_on(self) -> tuple[Service, ...]:
        """Services to which routes lead, and whose traffic may go on to the address that was asked for."""
        passing = self._parts.proxies.passing.values()
        return tuple(one for some in passing for one in some if one.host in self._book.to_host)

    def _routed(self, scope: Scope, service: Service, request: Request) -> Iterator[Asked]:
        """What is asked for by routes that lead to a service."""
        for route in self._book.to_host.get(service.host, ()):
            if MESH in route.gateways and self._book.knows(scope, route):
                yield from self._listened(scope, route, request)

    def _listened(self, scope: Scope, route: Route, request: Request) -> Iterator[Asked]:
        """The hosts of a route with the ports on which a sidecar takes requests for them: those of their services.

        For a wildcard that is any, for those that it covers are not looked for.
        """
        known = (one for host in route.hosts for one, _ in self._parts.proxies.imported(scope, host, 0))
        ports = dict.fromkeys(port.number for one in known for port in one.ports)
        ports[PLAIN if request.method else 0] = None
        if any(map(is_wild, route.hosts)):
            ports[0] = None
        yield from (Asked(host, port) for host in route.hosts for port in ports)

    def passing(self, scope: Scope) -> Iterator[Service]:
        """The services that a sidecar knows of and whose traffic goes to the address that was asked for."""
        passing = self._parts.proxies.passing
        spaces = passing if scope.all_namespaces else [space for space in scope.by_namespace if space in passing]
        for space in spaces:
            for one in passing[space]:
                known = scope.namespace in one.visible and scope.service(space, one.host, 0) is not None
                if known and self._parts.proxies.passes(scope.namespace, one):
                    yield one

    def names(self, host: str, scope: Scope) -> tuple[str, ...]:
        """The full names that an authority may mean for a pod, those of aliases among them."""
        meant = self._registry.addresses.meant(host, scope.namespace)
        return (*meant, *(self._parts.proxies.unaliased(scope, one) for one in meant))

    def _missing(self, scope: Scope, pod: Workload, request: Request) -> Iterator[Evidence]:
        """Why each service of the pod is not known to the sidecar."""
        found = False
        for service, port, _ in self._registry.behind(pod, request.port):
            found = True
            if scope.namespace not in service.visible:
                reason = f"{service.object.key} is not exported to {scope.namespace}"
                yield Evidence(Effect.DENIES, reason, service.object, "metadata.annotations")
            if scope.service(service.namespace, service.host, port.number) is None:
                yield _not_imported(scope, service.host)
        if not found:
            yield Evidence(Effect.DENIES, f"no service leads to {pod} on port {request.port}")

    def _closing(self, evidence: tuple[Evidence, ...]) -> str:
        first = next((one for one in evidence if one.object is not None), None)
        if first is None:
            return "give the namespace a Sidecar that imports only what it needs"
        return f"remove {first.path or 'it'} from {first.key}"

    def _opening(self, scope: Scope, pod: Workload, request: Request) -> str:
        host = next((service.host for service, _, _ in self._registry.behind(pod, request.port)), None)
        if host is None:
            return f"make a Service in {pod.namespace} that selects {pod} and has a port with target {request.port}"
        sidecar = str(scope.object.key) if scope.object else f"the Sidecar of {scope.namespace}"
        return f"export {host} to {scope.namespace} and import {pod.namespace}/{host} in {sidecar}"


def _not_imported(scope: Scope, host: str) -> Evidence:
    reason = f"{scope.object.key} does not import {host}" if scope.object else f"nothing imports {host}"
    return Evidence(Effect.DENIES, reason, scope.object, "spec.egress" if scope.object else "")
