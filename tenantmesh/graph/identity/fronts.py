"""Gateways: on which ports a gateway's pods serve, and what TLS of theirs says of who calls."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.manifest import ManifestObject

_NOTHING: Final[Mapping[str, Any]] = {}
_API_LABEL: Final = "gateway.networking.k8s.io/gateway-name"
_CLIENT_CERTIFICATES: Final = frozenset({"MUTUAL", "OPTIONAL_MUTUAL"})
_MESH: Final = frozenset({"ISTIO_MUTUAL", "AUTO_PASSTHROUGH"})
_TERMINATED: Final = frozenset({"HTTP", "HTTP2", "GRPC", "GRPC-WEB"})


class Front(NamedTuple):
    """One server of a gateway: the port that pods listen on, and what the other end shows of itself."""

    port: int
    object: ManifestObject
    path: str
    shows_client_certificate: bool = False
    shows_mesh_identity: bool = False
    is_http: bool = False


class Fronts:
    """The servers of every namespace's gateways."""

    def __init__(self, cluster: Cluster) -> None:
        self._istio = cluster.objects("networking.istio.io", "Gateway")
        self._api = cluster.objects("gateway.networking.k8s.io", "Gateway")
        self._services = cluster.objects("", "Service")
        self._scoped = cluster.mesh.gateways_scoped

    def is_gateway(self, workload: Workload) -> bool:
        """Whether the pods are a gateway's."""
        return workload.proxy is Proxy.GATEWAY or any(True for _ in self._selecting(workload))

    def of(self, workload: Workload) -> tuple[Front, ...]:
        """The servers on the pods, sorted by port."""
        return tuple(sorted(self._fronts(workload), key=lambda one: (one.port, one.path)))

    def _fronts(self, workload: Workload) -> Iterator[Front]:
        for one in self._selecting(workload):
            servers = (one.body.get("spec") or _NOTHING).get("servers") or ()
            for index, server in enumerate(servers):
                port = server.get("port") or _NOTHING
                mode = (server.get("tls") or _NOTHING).get("mode", "")
                for number in self._listened(workload, port.get("number")):
                    yield Front(
                        number,
                        one,
                        f"spec.servers[{index}]",
                        mode in _CLIENT_CERTIFICATES,
                        mode in _MESH,
                        str(port.get("protocol", "")).upper() in _TERMINATED or mode in ("SIMPLE", "MUTUAL"),
                    )
        name = workload.labels.get(_API_LABEL)
        for one in self._api.get(workload.namespace, ()) if name else ():
            if one.key.name == name:
                for index, listener in enumerate((one.body.get("spec") or _NOTHING).get("listeners") or ()):
                    yield Front(int(listener["port"]), one, f"spec.listeners[{index}]", is_http=True)

    def _selecting(self, workload: Workload) -> Iterator[ManifestObject]:
        for pair in workload.labels.items():
            for wanted, one in self._index.get(pair, ()):
                here = not self._scoped or one.key.namespace == workload.namespace
                if here and wanted.items() <= workload.labels.items():
                    yield one

    @cached_property
    def _index(self) -> Mapping[tuple[str, str], list[tuple[Mapping[str, str], ManifestObject]]]:
        """Every Gateway by one label that its selector asks for."""
        found: defaultdict[tuple[str, str], list[tuple[Mapping[str, str], ManifestObject]]] = defaultdict(list)
        for objects in self._istio.values():
            for one in objects:
                wanted = (one.body.get("spec") or _NOTHING).get("selector") or _NOTHING
                if wanted:
                    found[min(wanted.items())].append((wanted, one))
        return found

    def _listened(self, workload: Workload, port: Any) -> Iterable[int]:
        """The pods' ports behind a server's port: by the Services that select them, else the same number."""
        found: set[int] = set()
        for one in self._services.get(workload.namespace, ()):
            spec = one.body.get("spec") or _NOTHING
            wanted = spec.get("selector") or _NOTHING
            if wanted and wanted.items() <= workload.labels.items():
                for entry in spec.get("ports") or ():
                    target = entry.get("targetPort", entry.get("port"))
                    if entry.get("port") == port:
                        found.update(self._numbers(workload, target))
        return found or ({port} if isinstance(port, int) else ())

    @staticmethod
    def _numbers(workload: Workload, target: Any) -> Iterable[int]:
        if isinstance(target, int):
            return (target,)
        return tuple(one.number for one in workload.ports if one.name == target)
