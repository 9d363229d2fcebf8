"""From a sidecar to the outside: by a ServiceEntry that its scope holds, through an egress gateway or directly.

Source: https://istio.io/latest/docs/tasks/traffic-management/egress/.
"""

from collections.abc import Iterator

from tenantmesh.graph.flow import Outside, Request, Workload
from tenantmesh.graph.routing.answers import Tally, allowed
from tenantmesh.graph.routing.hosts import covers, example
from tenantmesh.graph.routing.inside import Inside
from tenantmesh.graph.routing.matching import MESH
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.scopes import Scope
from tenantmesh.graph.routing.services import Service
from tenantmesh.graph.verdict import Effect, Evidence, Layer, LayerVerdict


class Egress:
    """Verdicts between a pod with a sidecar and somebody outside."""

    def __init__(self, parts: Parts, inside: Inside) -> None:
        self._parts = parts
        self._inside = inside

    def verdict(self, source: Workload, outside: Outside, request: Request) -> LayerVerdict:
        """Whether the sidecar of `source` sends `request` to `outside` when it is asked in some way that fits."""
        parts = self._parts
        scope = parts.scopes.of(source)
        known = [*scope.unknown, *parts.filters.on(source), *parts.unreadable(source, outside)]
        known += [evidence for one in parts.book.doubtful if parts.book.knows(scope, one) for evidence in one.unknown]
        if not scope.registry_only:
            reason = f"the sidecar of {source} passes on what no service names"
            evidence = Evidence(Effect.ALLOWS, reason, scope.object)
            change = f"give {scope.namespace} a Sidecar with outboundTrafficPolicy REGISTRY_ONLY"
            return allowed(f"{reason}, so {outside} too", (evidence, *known), change, Layer.EGRESS)
        tally = Tally(known)
        for host in dict.fromkeys((*self._candidates(scope, outside), *self._passing(scope, request))):
            outcome = parts.proxies.send(scope, source.labels, host, 0, request)
            tally.unknown += outcome.unknown
            tally.refused += outcome.refused
            if any(tally.count(*parts.reach.outside(leg, outside, request)) for leg in outcome.legs):
                break
        if not tally.refused:
            reason = f"no ServiceEntry that {scope.namespace} sees names {outside}"
            tally.refused.append(Evidence(Effect.DENIES, reason, scope.object, "spec.egress" if scope.object else ""))
        return tally.verdict(
            f"the sidecar of {source} has a way to {outside}",
            f"the sidecar of {source} knows no way to {outside} on port {request.port}",
            closing=f"remove the ServiceEntry that names {outside}",
            opening=f"make a ServiceEntry for {outside} that {scope.namespace} sees",
            layer=Layer.EGRESS,
        )

    def _candidates(self, scope: Scope, outside: Outside) -> Iterator[str]:
        """The hosts that could be asked for: the wanted one, then what else the sidecar may know leads out."""
        wanted = outside.host.lower()
        if wanted:
            yield wanted
        for service in self.known(scope):
            if not wanted or covers(service.host, wanted):
                yield wanted or example(service.host)
            elif service.listed:
                yield example(service.host)
        for service in self._parts.registry.entry_hosts.covering(wanted) if wanted else ():
            for route in self._parts.book.to_host.get(service.host, ()):
                if MESH in route.gateways and self._parts.book.knows(scope, route):
                    yield from map(example, route.hosts)

    def _passing(self, scope: Scope, request: Request) -> Iterator[str]:
        """The Services by whose names any address can be asked for; only the one that the request names, if any."""
        names = self._inside.names(request.host, scope) if request.method and request.host else None
        for service in self._inside.passing(scope):
            if service.kubernetes and (names is None or service.host in names):
                yield service.host

    def known(self, scope: Scope) -> Iterator[Service]:
        """The hosts of ServiceEntries that a sidecar knows of."""
        entries = self._parts.registry.entries
        spaces = entries if scope.all_namespaces else [space for space in scope.by_namespace if space in entries]
        for space in spaces:
            for one in entries[space]:
                if scope.namespace in one.visible and scope.service(space, one.host, 0) is not None:
                    yield one
