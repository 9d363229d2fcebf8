"""Objects that select or name what is not there, so that they do nothing, or not what they were written for."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tenantmesh.graph.routing.hosts import is_wild
from tenantmesh.graph.routing.matching import MESH
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.routes import Route
from tenantmesh.graph.routing.services import Service
from tenantmesh.graph.routing.subsets import subset_labels
from tenantmesh.manifest import ManifestObject

_EMPTY: Final[Mapping[str, Any]] = {}


class Dangling(Struct, frozen=True, kw_only=True):
    """A selector or name at `path` of an object that matches nothing."""

    object: ManifestObject
    path: str
    reason: str


class DanglingSearch:
    """Looks for what matches nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def all(self) -> tuple[Dangling, ...]:
        """Everything that dangles."""
        return (*self._services(), *self._sidecars(), *self._gateways(), *self._routes(), *self._rules())

    def _services(self) -> Iterator[Dangling]:
        spaces = {*self._parts.cluster.objects("", "Service"), *self._parts.registry.entries}
        for space in sorted(spaces):
            pods = self._parts.cluster.workloads.get(space, ())
            for one in self._parts.registry.all_in(space):
                selector = one.selector
                if selector is not None and not one.listed and not any(_fits(selector, pod.labels) for pod in pods):
                    path = "spec.selector" if one.kubernetes else "spec.workloadSelector"
                    yield Dangling(object=one.object, path=path, reason=f"{one.object.key} selects no pod")

    def _sidecars(self) -> Iterator[Dangling]:
        for space in self._parts.cluster.objects("networking.istio.io", "Sidecar"):
            pods = self._parts.cluster.workloads.get(space, ())
            for scope in self._parts.scopes.in_namespace(space):
                if (
                    scope.labels is not None
                    and scope.object
                    and not any(_fits(scope.labels, pod.labels) for pod in pods)
                ):
                    reason = f"{scope.object.key} selects no pod"
                    yield Dangling(object=scope.object, path="spec.workloadSelector", reason=reason)

    def _gateways(self) -> Iterator[Dangling]:
        for one in self._parts.gateways.all.values():
            if not self._parts.gateways.pods(one):
                yield Dangling(object=one.object, path="spec.selector", reason=f"{one.object.key} selects no gateway")

    def _routes(self) -> Iterator[Dangling]:
        for route in self._parts.book.all:
            for name in sorted(route.gateways - {MESH}):
                if name not in self._parts.gateways.all:
                    reason = f"{route.object.key} is bound to {name}, which is not there"
                    yield Dangling(object=route.object, path="spec.gateways", reason=reason)
            if not route.gateways:
                reason = f"no parent of {route.object.key} takes it"
                yield Dangling(object=route.object, path="spec.parentRefs", reason=reason)
            yield from self._destinations(route)

    def _destinations(self, route: Route) -> Iterator[Dangling]:
        for rule in self._parts.book.rules(route).all:
            for to in rule.destinations:
                services = list(self._parts.registry.under(to.host))
                if not services:
                    reason = f"{route.object.key} sends to {to.host}, which no service is"
                    yield Dangling(object=route.object, path=to.path, reason=reason)
                elif to.subset and not self._has_subset(route, services, to.subset):
                    reason = f"{route.object.key} sends to the subset {to.subset} of {to.host}, which no rule has"
                    yield Dangling(object=route.object, path=to.path, reason=reason)

    def _has_subset(self, route: Route, services: Iterable[Service], name: str) -> bool:
        """Whether some proxy that takes the route knows the subset, by the rules of its own namespace and others'."""
        gateways = (one.partition("/")[0] for one in route.gateways - {MESH})
        spaces = {route.object.key.namespace, *gateways}
        known = (self._parts.subsets.acting(space, service) for space in spaces for service in services)
        return any(subset_labels(rules, name) is not None for rules in known)

    def _rules(self) -> Iterator[Dangling]:
        for space in self._parts.cluster.objects("networking.istio.io", "DestinationRule"):
            for one in self._parts.subsets.in_namespace(space):
                services = [] if is_wild(one.host) else list(self._parts.registry.under(one.host))
                if not services and not is_wild(one.host):
                    reason = f"{one.object.key} is for {one.host}, which no service is"
                    yield Dangling(object=one.object, path="spec.host", reason=reason)
                for index, (name, subset) in enumerate(one.subsets.items()):
                    labels = subset.get("labels") or _EMPTY
                    selecting = [service for service in services if service.selector is not None]
                    ends = (
                        self._parts.registry.targets(each, port, labels) for each in selecting for port in each.ports
                    )
                    if labels and selecting and not any(True for some in ends for _ in some):
                        reason = f"subset {name} of {one.object.key} has no pod"
                        yield Dangling(object=one.object, path=f"spec.subsets[{index}]", reason=reason)


def _fits(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return selector.items() <= labels.items()
