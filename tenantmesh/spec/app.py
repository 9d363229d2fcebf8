"""The complete description of a workload in a tenant and of how it is reached."""

from dataclasses import dataclass, field
from enum import StrEnum

from tenantmesh.spec.gateway import MAIN, ReplicasSpec, ResourcesSpec
from tenantmesh.spec.names import namespace_name
from tenantmesh.spec.traffic import TrafficSpec

Leaves = tuple[tuple[str, object], ...]
"""Named values that flow through untouched (they may be Pulumi outputs), in the order of their names."""


class AppProtocol(StrEnum):
    """What an App's port speaks; Istio reads it from the Service's `appProtocol`."""

    HTTP = "http"
    HTTP2 = "http2"
    GRPC = "grpc"
    TCP = "tcp"
    TLS = "tls"

    @property
    def is_http(self) -> bool:
        """Whether proxies see single requests in it."""
        return self not in (AppProtocol.TCP, AppProtocol.TLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSpec:
    """One port: `port` on the Service, `target` in the pods (0: the same); without `callers` the tenant may call it."""

    port: int
    name: str = ""
    target: int = 0
    protocol: AppProtocol = AppProtocol.HTTP
    callers: tuple[str, ...] = ()

    @property
    def container(self) -> int:
        """The port that the pods listen on."""
        return self.target or self.port

    @property
    def label(self) -> str:
        """The port's name on the Service and in the pods."""
        return self.name or f"{self.protocol}-{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec:
    """How the kubelet asks whether a container works: HTTP when `path` is given, else TCP; times in seconds."""

    path: str = ""
    port: int = 0
    initial_delay: int = 0
    period: int = 10
    timeout: int = 1
    failures: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbesSpec:
    """A container's probes; without `readiness`, the first port must accept a connection."""

    readiness: ProbeSpec = field(default_factory=ProbeSpec)
    liveness: ProbeSpec | None = None
    startup: ProbeSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """What runs in every version's pods; the root file system is read-only but for `writable` folders."""

    command: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    env: Leaves = ()
    config: Leaves = ()
    secrets: Leaves = ()
    writable: tuple[str, ...] = ("/tmp",)  # noqa: S108 - a folder in the container, an emptyDir of its own
    resources: ResourcesSpec = field(default_factory=lambda: ResourcesSpec(cpu=50, memory=64 * 1024**2, cpu_limit=500))
    probes: ProbesSpec = field(default_factory=ProbesSpec)
    user: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSpec:
    """One Deployment behind an App's Service; `name` is its `version` label, `env` adds to the container's."""

    name: str
    image: object
    env: Leaves = ()
    replicas: ReplicasSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSpec:
    """One way to the App through the tenant's ingress gateways of these names; `port` 0 is the App's first."""

    host: str
    paths: tuple[str, ...] = ("/",)
    exact_paths: tuple[str, ...] = ()
    port: int = 0
    ingresses: tuple[str, ...] = (MAIN,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSpec:
    """A workload: one Service, a Deployment for each version, and its routes."""

    name: str
    tenant: str
    versions: tuple[VersionSpec, ...]
    part: str = ""
    ports: tuple[PortSpec, ...] = ()
    container: ContainerSpec = field(default_factory=ContainerSpec)
    replicas: ReplicasSpec = field(default_factory=lambda: ReplicasSpec(minimum=1))
    routes: tuple[RouteSpec, ...] = ()
    traffic: TrafficSpec | None = None

    @property
    def namespace(self) -> str:
        """The namespace that the App runs in."""
        return namespace_name(self.tenant, self.part)

    @property
    def speaks_http(self) -> bool:
        """Whether some port speaks HTTP, which can be routed by what is asked."""
        return any(port.protocol.is_http for port in self.ports)

    def port_of(self, route: RouteSpec) -> PortSpec:
        """The port that a route leads to."""
        return next((port for port in self.ports if port.port == route.port), self.ports[0])

    def through(self, ingress: str) -> tuple[RouteSpec, ...]:
        """The routes through one of the tenant's ingress gateways."""
        return tuple(route for route in self.routes if ingress in route.ingresses)

    @property
    def streams(self) -> tuple[RouteSpec, ...]:
        """The routes to ports in which the gateway sees connections, not requests."""
        return tuple(route for route in self.routes if not self.port_of(route).protocol.is_http)
