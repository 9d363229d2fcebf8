"""Gateways: on which ports a gateway's pods serve, and what TLS of theirs says of who calls."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.identity.attached import by_label
from tenantmesh.graph.identity.policies import GATEWAY_NAME
from tenantmesh.graph.identity.protocols import listened
from tenantmesh.graph.routing.gateways import is_gateway
from tenantmesh.manifest import ManifestObject

_NOTHING: Final[Mapping[str, Any]] = {}
_TERMINATED: Final = frozenset({"HTTP", "HTTP2", "GRPC", "GRPC-WEB"})
_PASSED_ON: Final = frozenset({"PASSTHROUGH", "AUTO_PASSTHROUGH"})


class Shown(StrEnum):
    """What a server asks its clients to show of themselves; TLS that is passed on shows nothing to the gateway."""

    NOTHING = "nothing"
    CERTIFICATE = "a client certificate"
    MAYBE = "a client certificate or nothing"
    MESH = "a certificate of the mesh"


_SHOWN: Final = {"MUTUAL": Shown.CERTIFICATE, "OPTIONAL_MUTUAL": Shown.MAYBE, "ISTIO_MUTUAL": Shown.MESH}


class Front(NamedTuple):
    """One server of a gateway: the port that pods listen on, and what the other end shows of itself."""

    port: int
    object: ManifestObject
    path: str
    shown: Shown = Shown.NOTHING
    is_http: bool = False


class Fronts:
    """The servers of every namespace's gateways."""

    def __init__(self, cluster: Cluster) -> None:
        self._istio = cluster.objects("networking.istio.io", "Gateway")
        self._api = cluster.objects("gateway.networking.k8s.io", "Gateway")
        self._services = cluster.objects("", "Service")
        self._scoped = cluster.mesh.gateways_scoped
        self._found: dict[int, tuple[Front, ...]] = {}

    def is_gateway(self, workload: Workload) -> bool:
        """Whether the pods' proxy is a gateway: injected as one, or written out in their own spec."""
        if workload.proxy is not Proxy.NONE:
            return workload.proxy is Proxy.GATEWAY
        return is_gateway(workload)

    def of(self, workload: Workload) -> tuple[Front, ...]:
        """The servers on the pods, sorted by port."""
        # By identity: the cluster keeps the workloads that are there.
        key = id(workload) if workload.object is not None else None
        found = self._found.get(key) if key is not None else None
        if found is None:
            found = tuple(sorted(self._fronts(workload), key=lambda one: (one.port, one.path)))
            if key is not None:
                self._found[key] = found
        return found

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
                        _SHOWN.get(mode, Shown.NOTHING),
                        _is_http(str(port.get("protocol", "")).upper(), mode),
                    )
        name = workload.labels.get(GATEWAY_NAME)
        for one in self._api.get(workload.namespace, ()) if name else ():
            if one.key.name == name:
                for index, listener in enumerate((one.body.get("spec") or _NOTHING).get("listeners") or ()):
                    yield _listener(index, listener, one)

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
            if by_label(workload.labels, spec.get("selector")):
                for entry in spec.get("ports") or ():
                    if entry.get("port") == port:
                        found.update(listened(workload, entry))
        return found or ({port} if isinstance(port, int) else ())


def _is_http(protocol: str, mode: str) -> bool:
    return protocol in _TERMINATED or (protocol == "HTTPS" and mode not in _PASSED_ON)


def _listener(index: int, body: Mapping[str, Any], one: ManifestObject) -> Front:
    tls = body.get("tls") or _NOTHING
    protocol = str(body.get("protocol", ""))
    mode = "PASSTHROUGH" if tls.get("mode") == "Passthrough" else ""
    # Which certificates its clients show is said by the Gateway as a whole, and by options of the implementation.
    asks = (
        tls.get("frontendValidation") or tls.get("options") or (one.body["spec"].get("tls") or _NOTHING).get("frontend")
    )
    shown = Shown.MAYBE if asks and mode != "PASSTHROUGH" else Shown.NOTHING
    return Front(int(body["port"]), one, f"spec.listeners[{index}]", shown, _is_http(protocol, mode))
