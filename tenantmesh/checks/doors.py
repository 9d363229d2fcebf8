"""Front doors: the ports on which a namespace's gateways serve the outside on purpose."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from tenantmesh.checks.parts import labels, part, parts, spec
from tenantmesh.checks.selecting import holds_only_for
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.opening import Opening
from tenantmesh.manifest import ManifestObject

GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
"""What Gateway API implementations label the pods of a Gateway with."""

# A server of this mode talks to workloads of the mesh only: an egress or east-west gateway, no front door.
_MESH_ONLY = ("ISTIO_MUTUAL", "AUTO_PASSTHROUGH")


class Door(Struct, frozen=True, kw_only=True):
    """Pods with the labels `selector` serve the outside on `ports`, which are those that they listen on."""

    selector: Mapping[str, str]
    ports: frozenset[int]
    gateway: ManifestObject

    def holds(self, opening: Opening) -> bool:
        """Whether all pods that an opening holds for are its pods, and all ports its ports."""
        ports = opening.ports
        return (
            bool(ports)
            and holds_only_for(opening, self.selector)
            and all(last - first < len(self.ports) for first, last in ports)
            and all(port in self.ports for first, last in ports for port in range(first, last + 1))
        )


_Read = Callable[[ManifestObject], tuple[Mapping[str, str], set[int]]]


class Doors:
    """The front doors of every namespace that has a gateway."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        found: defaultdict[str, list[Door]] = defaultdict(list)
        for namespace, objects in cluster.objects("networking.istio.io", "Gateway").items():
            found[namespace] += self._doors(namespace, objects, _istio)
        for namespace, objects in cluster.objects("gateway.networking.k8s.io", "Gateway").items():
            found[namespace] += self._doors(namespace, objects, _gateway_api)
        self._found = dict(found)
        self._selectors = _selectors(cluster)

    def of(self, namespace: str) -> tuple[Door, ...]:
        """The doors in a namespace."""
        return tuple(self._found.get(namespace, ()))

    def listened(self, door: Door, port: int) -> frozenset[int]:
        """The ports that a door's pods listen on for what is sent to `port` of their gateway."""
        return frozenset((port, *self._targets(door.gateway.key.namespace, door.selector, port)))

    def through(self, opening: Opening) -> Door | None:
        """The door that an opening is no wider than, if there is one."""
        for door in self._found.get(opening.namespace, ()):
            if door.holds(opening):
                return door
        return None

    def is_gateway(self, pod: Workload) -> bool:
        """Whether a pod is a gateway's: by its proxy, or because a Gateway of its namespace selects it."""
        if pod.proxy is Proxy.GATEWAY:
            return True
        return any(one.items() <= pod.labels.items() for one in self._selectors.get(pod.namespace, ()))

    def is_gateways_only(self, opening: Opening) -> bool:
        """Whether an opening holds for pods of one gateway of its namespace and no others."""
        return any(holds_only_for(opening, one) for one in self._selectors.get(opening.namespace, ()))

    def _doors(self, namespace: str, objects: Iterable[ManifestObject], read: _Read) -> Iterable[Door]:
        for one in objects:
            selector, ports = read(one)
            if selector and ports:
                listened = {target for port in ports for target in self._targets(namespace, selector, port)}
                yield Door(selector=selector, ports=frozenset(listened | ports), gateway=one)

    def _targets(self, namespace: str, selector: Mapping[str, str], port: int) -> Iterable[int]:
        """The ports that pods listen on behind `port` of a Service that selects the gateway's pods."""
        for one in self._cluster.objects("", "Service").get(namespace, ()):
            selected = labels(spec(one).get("selector"))
            if selected and (selected.items() <= selector.items() or selector.items() <= selected.items()):
                for entry in parts(spec(one).get("ports")):
                    target = entry.get("targetPort", entry.get("port"))
                    if entry.get("port") == port and isinstance(target, int):
                        yield target


def _selectors(cluster: Cluster) -> Mapping[str, tuple[Mapping[str, str], ...]]:
    found: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for namespace, objects in cluster.objects("networking.istio.io", "Gateway").items():
        found[namespace] += [wanted for one in objects if (wanted := labels(spec(one).get("selector")))]
    for namespace, objects in cluster.objects("gateway.networking.k8s.io", "Gateway").items():
        found[namespace] += [{GATEWAY_NAME: one.key.name} for one in objects]
    return {namespace: tuple(some) for namespace, some in found.items()}


def _istio(one: ManifestObject) -> tuple[Mapping[str, str], set[int]]:
    ports: set[int] = set()
    for server in parts(spec(one).get("servers")):
        number = part(server, "port").get("number")
        if isinstance(number, int) and part(server, "tls").get("mode") not in _MESH_ONLY:
            ports.add(number)
    return labels(spec(one).get("selector")), ports


def _gateway_api(one: ManifestObject) -> tuple[Mapping[str, str], set[int]]:
    ports = {entry["port"] for entry in parts(spec(one).get("listeners")) if isinstance(entry.get("port"), int)}
    return {GATEWAY_NAME: one.key.name}, ports
