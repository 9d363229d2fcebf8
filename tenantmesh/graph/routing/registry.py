"""All services of a cluster: found by namespace, by host, and by what is behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Endpoint, Outside, Workload
from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing.addresses import Addresses, Place
from tenantmesh.graph.routing.endpoints import (
    listed_by_service,
    listed_port,
    same_pod,
    selected,
    target_port,
    workload_entries,
)
from tenantmesh.graph.routing.fields import read_fields
from tenantmesh.graph.routing.hosts import HostIndex, covers, is_wild
from tenantmesh.graph.routing.services import (
    Resolution,
    Service,
    ServicePort,
    entry_services,
    kubernetes_service,
)
from tenantmesh.graph.routing.shapes import SERVICE, SERVICE_ENTRY
from tenantmesh.graph.routing.visibility import EVERYBODY, spec_export
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject

_ISTIO: Final = "networking.istio.io"
_EMPTY: Final[Mapping[str, str]] = {}
_DEPTH: Final = 2


class Opaque(NamedTuple):
    """An object that can't be read at all, for whom it may act, and on which namespace's pods ("" is any)."""

    visible: Peers
    evidence: tuple[Evidence, ...]
    namespace: str = ""


class Target(NamedTuple):
    """Who is behind a service's port: an endpoint (None: nobody can tell who) and the port that it listens on."""

    endpoint: Endpoint | None
    port: int


class Registry:
    """Services by namespace, parsed when a namespace is first asked for; ServiceEntries by host."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._objects = cluster.objects("", "Service")
        self._named: dict[str, dict[str, Service]] = {}
        self.opaque: list[Opaque] = []
        self.addresses = Addresses(cluster, self.services)

    def services(self, namespace: str) -> Mapping[str, Service]:
        """The Kubernetes Services of a namespace by name."""
        found = self._named.get(namespace)
        if found is None:
            found = self._named[namespace] = self._parse(namespace)
        return found

    def _parse(self, namespace: str) -> dict[str, Service]:
        mesh = self._cluster.mesh
        listed = listed_by_service(self._cluster, namespace)
        found: dict[str, Service] = {}
        for one in self._objects.get(namespace, ()):
            name = one.body["metadata"]["name"]
            reading = read_fields(one, SERVICE)
            if not reading.usable:
                self.opaque.append(Opaque(EVERYBODY, reading.unknown, namespace))
                continue
            try:
                found[name] = kubernetes_service(
                    one, mesh.cluster_domain, mesh.service_export, listed.get(name, ()), reading.unknown
                )
            except (AttributeError, KeyError, TypeError, ValueError):
                odd = Evidence(Effect.UNKNOWN, f"{one.key} can't be read", one, "spec")
                self.opaque.append(Opaque(EVERYBODY, (odd,), namespace))
        return found

    @cached_property
    def entries(self) -> Mapping[str, tuple[Service, ...]]:
        """The hosts of ServiceEntries by namespace."""
        spaces = self._cluster.objects(_ISTIO, "ServiceEntry")
        return {name: tuple(self._parse_entries(name, some)) for name, some in spaces.items()}

    @cached_property
    def entry_hosts(self) -> HostIndex[Service]:
        """The hosts of ServiceEntries."""
        index: HostIndex[Service] = HostIndex()
        for some in self.entries.values():
            for one in some:
                index.add(one.host, one)
        return index

    def _parse_entries(self, namespace: str, objects: Iterable[ManifestObject]) -> Iterator[Service]:
        chosen = workload_entries(self._cluster, namespace)
        for one in objects:
            # ServiceEntries follow the mesh's default for services: `defaultServiceExportTo`.
            visible = spec_export(one, self._cluster.mesh.service_export)
            reading = read_fields(one, SERVICE_ENTRY)
            if reading.usable:
                selector = ((one.body.get("spec") or {}).get("workloadSelector") or {}).get("labels")
                entries = [entry for entry in chosen if selector and selector.items() <= entry.labels.items()]
                yield from entry_services(one, visible, reading.unknown, tuple(entries))
            else:
                self.opaque.append(Opaque(visible, reading.unknown))

    def all_in(self, namespace: str) -> Iterator[Service]:
        """All services of a namespace."""
        yield from self.services(namespace).values()
        yield from self.entries.get(namespace, ())

    def under(self, host: str) -> Iterator[Service]:
        """The services that `host` means: the Kubernetes Service of that full name, and ServiceEntries covering it."""
        found = self.addresses.service(host) if host.endswith(f".svc.{self._cluster.mesh.cluster_domain}") else None
        if found is not None:
            yield found
        yield from self.entry_hosts.covering(host)

    def covered(self, host: str) -> Iterator[Service]:
        """All services whose host `host` is, or covers as a wildcard."""
        spaces = dict.fromkeys((*self._objects, *self.entries)) if is_wild(host) else ()
        known = (one for space in spaces for one in self.all_in(space)) if is_wild(host) else self.under(host)
        return (one for one in known if covers(host, one.host))

    @cached_property
    def asked(self) -> Mapping[str, tuple[Service, ...]]:
        """By namespace, the services whose traffic goes to whatever address the client asked for."""
        found: defaultdict[str, list[Service]] = defaultdict(list)
        for namespace, objects in self._objects.items():
            if any((one.body.get("spec") or _EMPTY).get("clusterIP") == "None" for one in objects):
                found[namespace] += [
                    one for one in self.services(namespace).values() if one.resolution is Resolution.ASKED
                ]
        for namespace, entries in self.entries.items():
            found[namespace] += [one for one in entries if one.is_open]
        return {name: tuple(some) for name, some in found.items()}

    # What is behind a service -----------------------------------------------------------------------------------

    def serves(
        self,
        service: Service,
        port: ServicePort,
        pod: Workload,
        number: int,
        labels: Mapping[str, str] = _EMPTY,
        depth: int = _DEPTH,
    ) -> Fit:
        """Whether `port` of `service`, kept to endpoints with `labels`, leads to `pod` on port `number`.

        `depth` is how many Services that list the address of a Service are followed.
        """
        own = service.selector is not None and service.namespace == pod.namespace
        if own and target_port(port, pod) == number and selected(service, pod, labels):
            return Fit.YES
        found = Fit.NO
        for place, listened in self._places(service, port, labels):
            fit = self.fits(place, listened, pod, number, depth)
            if fit is Fit.YES:
                return Fit.YES
            found = fit if fit is Fit.UNSURE else found
        return found

    def fits(self, place: Place, listened: int, pod: Workload, number: int, depth: int = _DEPTH) -> Fit:
        """Whether somebody who asks for `listened` at `place` gets to `pod` on port `number`."""
        if place.service is not None:
            inner = place.service.port(listened)
            return self.serves(place.service, inner, pod, number, _EMPTY, depth - 1) if inner and depth else Fit.NO
        if place.unsure:
            return Fit.UNSURE if listened in self.fronts(pod, number) else Fit.NO
        if listened != number:
            return Fit.NO
        return Fit.YES if any(same_pod(one, pod) for one in place.pods) else Fit.NO

    def targets(
        self, service: Service, port: ServicePort, labels: Mapping[str, str] = _EMPTY, depth: int = _DEPTH
    ) -> Iterator[Target]:
        """Who is behind `port` of `service` among what is there."""
        if service.selector is not None:
            for pod in self._cluster.workloads.get(service.namespace, ()):
                if selected(service, pod, labels) and (number := target_port(port, pod)):
                    yield Target(pod, number)
        for place, listened in self._places(service, port, labels):
            yield from self._at(place, listened, depth)

    def _at(self, place: Place, listened: int, depth: int) -> Iterator[Target]:
        if place.service is not None:
            inner = place.service.port(listened)
            if inner is not None and depth:
                yield from self.targets(place.service, inner, _EMPTY, depth - 1)
        elif place.unsure:
            yield Target(None, listened)
        elif place.outside is not None:
            yield Target(place.outside, listened)
        for pod in place.pods:
            yield Target(pod, listened)

    def _places(self, service: Service, port: ServicePort, labels: Mapping[str, str]) -> Iterator[tuple[Place, int]]:
        """The listed addresses and names behind a port, each with the port that is asked there."""
        for one in service.listed:
            if not labels or labels.items() <= one.labels.items():
                yield self.addresses.at(one.address), listed_port(one, port)
        if service.resolution is Resolution.NAMES and not service.listed and service.selector is None:
            place = self.addresses.at(service.host)
            outside = place.outside or Outside(host=service.host)
            yield (place if place.service else Place(outside=outside)), int(port.target)

    def fronts(self, pod: Workload, number: int) -> frozenset[int]:
        """The ports by which some address leads to `pod` on `number`: its own, its Services', its nodes'."""
        found = {number}
        for service in self.services(pod.namespace).values():
            if service.selector is not None and selected(service, pod, _EMPTY):
                for port in service.ports:
                    if target_port(port, pod) == number:
                        found |= {port.number, port.node_port or number}
        return frozenset(found)

    @cached_property
    def _listing(self) -> tuple[Service, ...]:
        """Services that may lead into another namespace than their own, because they list addresses or names."""
        found = [
            one
            for space in _spaces_with_endpoints(self._cluster)
            for one in self.services(space).values()
            if one.listed
        ]
        for some in self.entries.values():
            found += [one for one in some if one.listed or self._is_name(one)]
        return tuple(found)

    def leads_away(self, service: Service) -> bool:
        """Whether a service lists addresses, or a name that the cluster's DNS knows."""
        return bool(service.listed) or (not service.kubernetes and self._is_name(service))

    def _is_name(self, entry: Service) -> bool:
        """Whether a ServiceEntry's own host is one that the cluster's DNS knows."""
        return entry.resolution is Resolution.NAMES and self.addresses.service(entry.host) is not None

    def behind(self, pod: Workload, number: int) -> Iterator[tuple[Service, ServicePort, Fit]]:
        """The services and ports that lead to `pod` on port `number`, wherever they are."""
        home = [one for one in self.all_in(pod.namespace) if one.selector is not None and not one.listed]
        for service in (*home, *self._listing):
            for port in service.ports:
                fit = self.serves(service, port, pod, number)
                if fit is not Fit.NO:
                    yield service, port, fit

    @cached_property
    def led_to(self) -> Mapping[str, tuple[Service, ...]]:
        """Services that list addresses or names, by the namespaces that those lead to ("": nobody can tell)."""
        found: defaultdict[str, list[Service]] = defaultdict(list)
        for service in self._listing:
            for space in {space for port in service.ports for space in self._led_to(service, port, _DEPTH)}:
                found[space].append(service)
        return {space: tuple(some) for space, some in found.items()}

    def _led_to(self, service: Service, port: ServicePort, depth: int) -> Iterator[str]:
        for place, listened in self._places(service, port, _EMPTY):
            yield from (pod.namespace for pod in place.pods)
            inner = place.service.port(listened) if place.service else None
            if place.unsure:
                yield ""
            if place.service and inner and depth:
                yield place.service.namespace
                yield from self._led_to(place.service, inner, depth - 1)

    def before(self, pod: Workload) -> Iterator[tuple[Service, ServicePort, Fit]]:
        """The services and ports that select `pod`, whatever port of it they lead to."""
        for service in self.all_in(pod.namespace):
            if service.selector is not None and selected(service, pod, _EMPTY):
                for port in service.ports:
                    yield service, port, Fit.YES

    @cached_property
    def foreign(self) -> Mapping[str, tuple[Service, ...]]:
        """Services that list addresses or names, by the namespace that they are in."""
        found: defaultdict[str, list[Service]] = defaultdict(list)
        for one in self._listing:
            found[one.namespace].append(one)
        return {name: tuple(some) for name, some in found.items()}


def _spaces_with_endpoints(cluster: Cluster) -> Iterable[str]:
    slices = cluster.objects("discovery.k8s.io", "EndpointSlice")
    return sorted({*cluster.objects("", "Endpoints"), *slices})
