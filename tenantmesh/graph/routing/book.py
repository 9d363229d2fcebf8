"""All routes of a cluster: which one governs a host for a proxy, which are bound to a gateway, which lead to a host.

Istio gives sidecars the most specific host's VirtualService: first one kept to the proxy's own namespace, then one
exported to it, then a public one, and of each the oldest. Without creation times any of equal ones may win, and so may
routes of Gateway API, which it makes VirtualServices of.
Source: https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.routing.api_routes import api_routes
from tenantmesh.graph.routing.hosts import HostIndex
from tenantmesh.graph.routing.matching import MESH
from tenantmesh.graph.routing.registry import Opaque, Registry
from tenantmesh.graph.routing.routes import Destination, Route, Rule, Rules, virtual_service
from tenantmesh.graph.routing.scopes import Scope
from tenantmesh.graph.routing.visibility import spec_export
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject


class Book:
    """Routes by host, by gateway, by namespace and by what they lead to; each index is made when first asked for."""

    def __init__(self, cluster: Cluster, registry: Registry) -> None:
        self._cluster = cluster
        self._registry = registry
        self.opaque: list[Opaque] = []
        self._delegated: dict[Route, Rules] = {}

    @cached_property
    def all(self) -> tuple[Route, ...]:
        """All routes that have hosts."""
        mesh = self._cluster.mesh
        spaces = self._cluster.objects("networking.istio.io", "VirtualService")
        found = [self._read(one, mesh.virtual_service_export) for some in spaces.values() for one in some]
        return (*(one for one in found if one is not None), *api_routes(self._cluster))

    def _read(self, one: ManifestObject, default: tuple[str, ...]) -> Route | None:
        visible = spec_export(one, default)
        route = virtual_service(one, visible, self._cluster.mesh.cluster_domain)
        if route is None:
            unknown = Evidence(Effect.UNKNOWN, f"{one.key} has hosts or gateways that can't be read", one, "spec")
            self.opaque.append(Opaque(visible, (unknown,)))
        return route

    @cached_property
    def by_name(self) -> Mapping[tuple[str, str], Route]:
        """VirtualServices by namespace and name."""
        found = (one for one in self.all if one.object.body["kind"] == "VirtualService")
        return {(one.namespace, one.name): one for one in found}

    @cached_property
    def by_namespace(self) -> Mapping[str, tuple[Route, ...]]:
        """Routes by their own namespace."""
        return _grouped((one.namespace, one) for one in self.all)

    @cached_property
    def by_gateway(self) -> Mapping[str, tuple[Route, ...]]:
        """Routes by the gateways that they are bound to, `mesh` left out."""
        return _grouped((name, one) for one in self.all for name in one.gateways if name != MESH)

    @cached_property
    def _gateway_hosts(self) -> Mapping[str, HostIndex[Route]]:
        found: defaultdict[str, HostIndex[Route]] = defaultdict(HostIndex)
        for name, routes in self.by_gateway.items():
            for one in routes:
                for host in dict.fromkeys(one.hosts):
                    found[name].add(host, one)
        return found

    def at_gateway(self, gateway: str, host: str) -> Iterable[Route]:
        """The routes that are bound to a gateway and have a host that covers `host`; all for ""."""
        if not host:
            return self.by_gateway.get(gateway, ())
        return dict.fromkeys(self._gateway_hosts[gateway].covering(host)) if gateway in self._gateway_hosts else ()

    @cached_property
    def to_host(self) -> Mapping[str, tuple[Route, ...]]:
        """Routes by the hosts that some rule of theirs leads to."""
        return _grouped((host, one) for one in self.all for host in self.destinations(one))

    @cached_property
    def doubtful(self) -> tuple[Route, ...]:
        """Routes in which something is not understood, so that nobody can tell where they lead."""
        return tuple(one for one in self.all if one.unknown)

    @cached_property
    def _mesh_hosts(self) -> HostIndex[tuple[str, Route]]:
        index: HostIndex[tuple[str, Route]] = HostIndex()
        for one in self.all:
            if MESH in one.gateways:
                for host in one.hosts:
                    index.add(host, (host, one))
        return index

    @cached_property
    def exported(self) -> Mapping[str, tuple[Route, ...]]:
        """Routes for sidecars by each other namespace that they are exported to by name."""
        return _grouped(
            (space, one)
            for one in self.all
            if MESH in one.gateways and not one.visible.everywhere
            for space in one.visible.namespaces
            if space != one.namespace
        )

    def governing(
        self, scope: Scope, host: str, stands: Callable[[Route], Fit] = lambda _: Fit.YES
    ) -> tuple[Route, ...]:
        """The routes of which one decides about `host` for a sidecar; several when their age does not say which.

        Those are left out of which `stands` says that they are not there.
        """
        known = [pair for pair in self._mesh_hosts.covering(host) if self.knows(scope, pair[1])]
        found = [pair for pair in known if stands(pair[1]) is not Fit.NO]
        if not found:
            return ()
        narrowest = max((pair[0] for pair in found), key=len)
        tied = [route for pattern, route in found if pattern == narrowest]
        return _first(tied, scope.namespace)

    def is_for_others(self, scope: Scope, host: str) -> bool:
        """Whether a route of Gateway API takes requests for `host` of another namespace alone.

        Istio has it in all namespaces, without a rule in the others, where it keeps wider routes from the host.
        """
        covering = self._mesh_hosts.covering(host)
        return any(one.of_gateway_api and scope.namespace not in one.visible for _, one in covering)

    def for_sidecars(self, scope: Scope) -> Iterator[Route]:
        """The routes that a sidecar knows of, of the namespaces that its scope names."""
        spaces = {name for name in scope.by_namespace if name != "*"}
        named = [one for space in sorted(spaces) for one in self.by_namespace.get(space, ())]
        if scope.all_namespaces:
            named = [*self.by_namespace.get(scope.namespace, ()), *self.exported.get(scope.namespace, ()), *named]
        for one in dict.fromkeys(named):
            if self.knows(scope, one):
                yield one

    def knows(self, scope: Scope, route: Route) -> bool:
        """Whether a sidecar takes `route` into account: one that imports one of its hosts has it for all of them."""
        return (
            MESH in route.gateways
            and scope.namespace in route.visible
            and any(scope.route(route.namespace, host) is not None for host in route.hosts)
        )

    def rules(self, route: Route) -> Rules:
        """A route's rules, those that it delegates put in their place, and an ExternalName's target beside it."""
        found = self._delegated.get(route)
        if found is None:
            rules = route.rules
            if any(rule.delegate for rule in rules.http):
                rules = rules._replace(http=tuple(self._undelegated(route, rules.http)))
            if self._registry.addresses.aliases:
                rules = Rules(*(tuple(map(self._aliased, some)) for some in rules))
            found = self._delegated[route] = rules
        return found

    def _aliased(self, rule: Rule) -> Rule:
        """Istio sends what goes to an ExternalName to its target alone (GetDestinationCluster)."""
        targets = tuple(target for one in rule.destinations for target in self._target(one))
        return rule._replace(destinations=(*rule.destinations, *targets)) if targets else rule

    def _target(self, one: Destination) -> Iterator[Destination]:
        alias = self._registry.addresses.aliases.get(one.host)
        if alias is not None and any(self._registry.under(alias.target_host)):
            only = alias.ports[0].number if len(alias.ports) == 1 else 0
            yield one._replace(host=alias.target_host, port=one.port or only)

    def destinations(self, route: Route) -> frozenset[str]:
        """The hosts that some rule of `route` leads to, those of its delegates among them."""
        return frozenset(to.host for rule in self.rules(route).all for to in rule.destinations)

    def _undelegated(self, route: Route, rules: Iterable[Rule]) -> Iterator[Rule]:
        for rule in rules:
            if rule.delegate is None:
                yield rule
                continue
            other = self.by_name.get(rule.delegate)
            # A delegate has no hosts, has to be visible from the root's namespace, and can't delegate again.
            if other is not None and not other.hosts and route.namespace in other.visible:
                for inner in other.rules.http:
                    if inner.delegate is None:
                        yield Rule(
                            path=rule.path,
                            matches=inner.matches,
                            outer=rule.matches,
                            destinations=inner.destinations,
                            answered=inner.answered,
                        )


def _first(routes: Sequence[Route], namespace: str) -> tuple[Route, ...]:
    """Those of `routes` that may come first for a proxy in `namespace`."""
    found: list[Route] = []
    for of_gateway_api in (False, True):
        tiers: defaultdict[int, list[Route]] = defaultdict(list)
        for one in routes:
            if one.of_gateway_api is of_gateway_api:
                tiers[_tier(one, namespace)].append(one)
        found += _oldest(tiers[min(tiers)]) if tiers else ()
    return tuple(found)


def _oldest(routes: Sequence[Route]) -> Iterable[Route]:
    """Those that may be the oldest of `routes`."""
    if any(not one.born for one in routes):
        return routes
    born = min(one.born for one in routes)
    return (one for one in routes if one.born == born)


def comes_before(one: Route, other: Route, namespace: str) -> bool:
    """Whether `one` certainly comes before `other` for a proxy in `namespace`."""
    first, second = (_tier(route, namespace) for route in (one, other))
    return first < second or (first == second and "" < one.born < other.born)


def _tier(route: Route, namespace: str) -> int:
    return 2 if route.visible.everywhere else 0 if route.namespace == namespace else 1


def _grouped(pairs: Iterable[tuple[str, Route]]) -> Mapping[str, tuple[Route, ...]]:
    found: defaultdict[str, list[Route]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return {key: tuple(dict.fromkeys(some)) for key, some in found.items()}
