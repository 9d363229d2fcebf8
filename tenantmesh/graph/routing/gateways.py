"""Gateways: which pods serve which hosts on which ports, and the routes that are bound to them.

Source: https://istio.io/latest/docs/reference/config/networking/gateway/ and
https://istio.io/latest/docs/ops/best-practices/security/#restrict-gateway-creation-privileges.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.routing.fields import read_fields
from tenantmesh.graph.routing.hosts import covers, meets, narrower
from tenantmesh.graph.routing.listeners import listeners
from tenantmesh.graph.routing.registry import Opaque
from tenantmesh.graph.routing.routes import Route
from tenantmesh.graph.routing.servers import Gateway, Server
from tenantmesh.graph.routing.services import protocol
from tenantmesh.graph.routing.shapes import GATEWAY
from tenantmesh.graph.routing.visibility import EVERYBODY, only
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject

_EMPTY: Final[Mapping[str, Any]] = {}


class Gateways:
    """All gateways by name, by namespace and by the pods that they select."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._scoped = cluster.mesh.gateways_scoped
        self.opaque: list[Opaque] = []
        self.unread: dict[str, tuple[Evidence, ...]] = {}

    @cached_property
    def all(self) -> Mapping[str, Gateway]:
        """Gateways by `namespace/name`; those of Gateway API by `namespace/name/kind/listener`."""
        spaces = self._cluster.objects("networking.istio.io", "Gateway")
        read = (self._read(one) for some in spaces.values() for one in some)
        found = {one.key: one for one in read if one is not None}
        return {**found, **{one.gateway.key: one.gateway for one in listeners(self._cluster)}}

    def _read(self, one: ManifestObject) -> Gateway | None:
        namespace = one.body["metadata"]["namespace"]
        reading = read_fields(one, GATEWAY)
        if not reading.usable:
            self.opaque.append(Opaque(only(namespace) if self._scoped else EVERYBODY, reading.unknown))
            self.unread[f"{namespace}/{one.body['metadata']['name']}"] = reading.unknown
            return None
        spec: Mapping[str, Any] = one.body.get("spec") or _EMPTY
        selector = spec.get("selector")
        return Gateway(
            key=f"{namespace}/{one.body['metadata']['name']}",
            namespace=namespace,
            object=one,
            selector=selector or _EMPTY,
            servers=tuple(_server(index, body, namespace) for index, body in enumerate(spec.get("servers") or ())),
            unknown=reading.unknown,
        )

    @cached_property
    def by_namespace(self) -> Mapping[str, tuple[Gateway, ...]]:
        """Gateways by their own namespace."""
        found: defaultdict[str, list[Gateway]] = defaultdict(list)
        for one in self.all.values():
            found[one.namespace].append(one)
        return {name: tuple(some) for name, some in found.items()}

    @cached_property
    def _pods(self) -> Mapping[tuple[str, str], list[Workload]]:
        """The pods that are gateways, by each label of theirs."""
        found: defaultdict[tuple[str, str], list[Workload]] = defaultdict(list)
        for some in self._cluster.workloads.values():
            for one in some:
                if is_gateway(one):
                    for pair in one.labels.items():
                        found[pair].append(one)
        return found

    @cached_property
    def _selecting(self) -> Mapping[tuple[str, str], list[Gateway]]:
        """Gateways by the first label of their selector; those without one under an empty label."""
        found: defaultdict[tuple[str, str], list[Gateway]] = defaultdict(list)
        for one in self.all.values():
            found[next(iter(one.selector.items()), ("", ""))].append(one)
        return found

    def pods(self, gateway: Gateway) -> tuple[Workload, ...]:
        """The pods that serve a gateway, of any namespace unless the mesh keeps gateways to their own."""
        if gateway.implied is not None:
            real = self._selected(gateway, self._cluster.workloads.get(gateway.namespace, ()))
            return real or (gateway.implied,)
        if self._scoped or not gateway.selector:
            return self._selected(gateway, self._own(gateway))
        lists = [self._pods.get(pair, []) for pair in gateway.selector.items()]
        return self._selected(gateway, min(lists, key=len))

    def in_namespace(self, namespace: str) -> tuple[Workload, ...]:
        """The pods of a namespace that are gateways."""
        return tuple(one for one in self._cluster.workloads.get(namespace, ()) if is_gateway(one))

    def _own(self, gateway: Gateway) -> Iterable[Workload]:
        if self._scoped:
            return self._cluster.workloads.get(gateway.namespace, ())
        return (one for some in self._cluster.workloads.values() for one in some)

    def _selected(self, gateway: Gateway, pods: Iterable[Workload]) -> tuple[Workload, ...]:
        ours = (one for one in pods if is_gateway(one) or gateway.implied is not None)
        return tuple(one for one in ours if self.selects(gateway, one))

    def selects(self, gateway: Gateway, pod: Workload) -> bool:
        """Whether the proxy of `pod`, which is a gateway's, serves `gateway`."""
        if gateway.implied is not None or self._scoped:
            return gateway.namespace == pod.namespace and gateway.selector.items() <= pod.labels.items()
        return gateway.selector.items() <= pod.labels.items()

    def serving(self, pod: Workload) -> Iterator[Gateway]:
        """The gateways that a pod serves."""
        for pair in (*pod.labels.items(), ("", "")):
            for one in self._selecting.get(pair, ()):
                if self.selects(one, pod):
                    yield one


def is_gateway(pod: Workload) -> bool:
    """Whether the pod's proxy is a gateway: injected as one, or written out in its own spec."""
    if pod.proxy is not Proxy.NONE:
        return pod.proxy is Proxy.GATEWAY
    containers: Iterable[Mapping[str, Any]] = pod.spec.get("containers") or ()
    return any("router" in (one.get("args") or ()) for one in containers)


def bound(server: Server, route: Route, name: str = "") -> Iterator[str]:
    """The hosts of `route`, which is bound to the server's gateway, that `server` serves; all or those of `name`."""
    for host in route.hosts:
        for space, pattern in server.hosts:
            named = not name or (covers(pattern, name) and covers(host, name))
            if named and space in ("*", route.namespace) and meets(pattern, host):
                yield narrower(pattern, host)


def _server(index: int, body: Mapping[str, Any], namespace: str) -> Server:
    port = body.get("port") or _EMPTY
    tls = body.get("tls") or _EMPTY
    return Server(
        hosts=tuple(_host(text, namespace) for text in body.get("hosts") or ()),
        port=int(port.get("number") or 0),
        protocol=protocol("", port.get("protocol") or "", "TCP"),
        https=port.get("protocol") == "HTTPS",
        mode=tls.get("mode") or ("PASSTHROUGH" if tls else ""),
        redirects=bool(tls.get("httpsRedirect")),
        credentials=tuple(tls.get("credentialNames") or ()) or tuple(filter(None, (tls.get("credentialName"),))),
        path=f"spec.servers[{index}]",
    )


def _host(text: str, namespace: str) -> tuple[str, str]:
    space, slash, host = text.partition("/")
    if not slash:
        return "*", text.lower()
    return (namespace if space == "." else space), host.lower()
