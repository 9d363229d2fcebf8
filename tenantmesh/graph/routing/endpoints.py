"""What is behind a service: the pods that it selects, and addresses in Endpoints, EndpointSlices, WorkloadEntries.

A listed address may be another namespace's pod.
Source: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ and
https://istio.io/latest/docs/reference/config/networking/workload-entry/.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.routing.services import Listed, Service, ServicePort
from tenantmesh.manifest import ManifestObject

_SERVICE_NAME: Final = "kubernetes.io/service-name"
_MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"
# What these write follows from Services and pods, or from Endpoints, which are read themselves.
_CONTROLLERS: Final = ("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io")
_EMPTY: Final[Mapping[str, str]] = {}


def listed_by_service(cluster: Cluster, namespace: str) -> Mapping[str, tuple[Listed, ...]]:
    """The addresses that a namespace's Endpoints and EndpointSlices give to its Services, by the Service's name."""
    found: defaultdict[str, list[Listed]] = defaultdict(list)
    chosen = {
        one.body["metadata"]["name"]
        for one in cluster.objects("", "Service").get(namespace, ())
        if (one.body.get("spec") or {}).get("selector")
    }
    for one in cluster.objects("", "Endpoints").get(namespace, ()):
        name = one.body["metadata"]["name"]
        if name not in chosen:
            found[name] += _endpoints(one)
    for one in cluster.objects("discovery.k8s.io", "EndpointSlice").get(namespace, ()):
        labels = one.body["metadata"].get("labels") or _EMPTY
        if labels.get(_MANAGED_BY) not in _CONTROLLERS and _SERVICE_NAME in labels:
            found[labels[_SERVICE_NAME]] += _slice(one)
    return {name: tuple(some) for name, some in found.items()}


def _endpoints(one: ManifestObject) -> Iterator[Listed]:
    for index, subset in enumerate(one.body.get("subsets") or ()):
        ports = _ports(subset.get("ports") or ())
        for kind in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(subset.get(kind) or ()):
                path = f"subsets[{index}].{kind}[{number}]"
                yield Listed(address=address.get("ip") or "", path=path, object=one, ports=ports, labels=_EMPTY)


def _slice(one: ManifestObject) -> Iterator[Listed]:
    ports = _ports(one.body.get("ports") or ())
    for index, endpoint in enumerate(one.body.get("endpoints") or ()):
        for number, address in enumerate(endpoint.get("addresses") or ()):
            path = f"endpoints[{index}].addresses[{number}]"
            yield Listed(address=address, path=path, object=one, ports=ports, labels=_EMPTY)


def _ports(bodies: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    return {one.get("name") or "": int(one["port"]) for one in bodies if one.get("port")}


def workload_entries(cluster: Cluster, namespace: str) -> tuple[Listed, ...]:
    """A namespace's WorkloadEntries, which its ServiceEntries may select."""
    return tuple(
        Listed(
            address=spec.get("address") or "",
            path="spec.address",
            object=one,
            ports=spec.get("ports") or {},
            labels=spec.get("labels") or _EMPTY,
        )
        for one in cluster.objects("networking.istio.io", "WorkloadEntry").get(namespace, ())
        for spec in (one.body.get("spec") or {},)
    )


def target_port(port: ServicePort, pod: Workload) -> int:
    """The number that `pod` listens on behind a service's port; 0 when no container calls a port so."""
    if isinstance(port.target, int):
        return port.target
    named = (one.number for one in pod.ports if one.name == port.target and one.protocol == port.transport)
    return next(named, 0)


def selected(service: Service, pod: Workload, labels: Mapping[str, str]) -> bool:
    """Whether a service selects a pod that also has `labels`."""
    selector = service.selector or _EMPTY
    return selector.items() <= pod.labels.items() and labels.items() <= pod.labels.items()


def listed_port(one: Listed, port: ServicePort) -> int:
    """The port that is asked at a listed address."""
    named = one.ports.get(port.name)
    return int(named) if named else port.target if isinstance(port.target, int) else port.number


def same_pod(one: Workload, pod: Workload) -> bool:
    """Whether both are the same object's pods."""
    return one.namespace == pod.namespace and one.name == pod.name
