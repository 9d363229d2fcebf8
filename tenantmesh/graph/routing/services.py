"""Services as a mesh lists them: Kubernetes Services and the hosts of ServiceEntries, in one form.

Source: https://kubernetes.io/docs/concepts/services-networking/service/ and
https://istio.io/latest/docs/reference/config/networking/service-entry/.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from msgspec import Struct

from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing.hosts import service_host
from tenantmesh.graph.routing.visibility import service_export
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject

_NO_LABELS: Final[Mapping[str, str]] = {}


class Protocol(StrEnum):
    """What a proxy takes the traffic of a port for; AUTO: whatever the first bytes look like."""

    HTTP = "http"
    TLS = "tls"
    TCP = "tcp"
    UDP = "udp"
    AUTO = "auto"


class Resolution(StrEnum):
    """How a proxy finds the addresses behind a host."""

    ENDPOINTS = "endpoints"
    """Pods and listed addresses."""
    ASKED = "asked"
    """The address that the client asked for, whatever it is: headless Services, `resolution: NONE`."""
    DYNAMIC = "dynamic"
    """What the name that the client asked for resolves to: `resolution: DYNAMIC_DNS`."""
    NAMES = "names"
    """Listed names, or the host itself, by DNS."""
    ALIAS = "alias"
    """Another service of the mesh: ExternalName."""


class ServicePort(NamedTuple):
    """A port of a service; `target` is what pods listen on, a number or the name of a container port."""

    number: int
    target: int | str
    protocol: Protocol = Protocol.AUTO
    transport: str = "TCP"
    name: str = ""
    node_port: int = 0


class Listed(Struct, frozen=True, kw_only=True):
    """An address that is named as an endpoint, with its own port numbers by port name, and where it is named."""

    address: str
    path: str
    object: ManifestObject
    ports: Mapping[str, int]
    labels: Mapping[str, str]


class Service(Struct, frozen=True, kw_only=True, eq=False):
    """One host that proxies may know of, and what is behind it.

    `host` may be a wildcard. `selector` means pods of its own namespace, None for none. `target_host` is what an alias
    stands for. `doors` says how it is opened to addresses outside the cluster, in words ("" when it is not).
    """

    host: str
    namespace: str
    object: ManifestObject
    ports: tuple[ServicePort, ...]
    visible: Peers
    selector: Mapping[str, str] | None = None
    resolution: Resolution = Resolution.ENDPOINTS
    listed: tuple[Listed, ...] = ()
    addresses: tuple[str, ...] = ()
    target_host: str = ""
    kubernetes: bool = True
    unknown: tuple[Evidence, ...] = ()

    @property
    def name(self) -> str:
        """The object's name."""
        return self.object.body["metadata"]["name"]

    @property
    def is_open(self) -> bool:
        """Whether the client says where it goes, and not the service."""
        return self.resolution in (Resolution.ASKED, Resolution.DYNAMIC)

    def __str__(self) -> str:
        return f"{'Service' if self.kubernetes else 'ServiceEntry'} {self.namespace}/{self.name}"

    def port(self, number: int) -> ServicePort | None:
        """The port of this number."""
        return next((one for one in self.ports if one.number == number), None)


PORT_PROTOCOLS: Final = {
    "grpc": Protocol.HTTP,
    "grpc-web": Protocol.HTTP,
    "h2c": Protocol.HTTP,
    "http": Protocol.HTTP,
    "http2": Protocol.HTTP,
    "http_proxy": Protocol.HTTP,
    "https": Protocol.TLS,
    "kubernetes.io/h2c": Protocol.HTTP,
    "kubernetes.io/ws": Protocol.HTTP,
    "kubernetes.io/wss": Protocol.TLS,
    "mongo": Protocol.TCP,
    "mysql": Protocol.TCP,
    "redis": Protocol.TCP,
    "tcp": Protocol.TCP,
    "tls": Protocol.TLS,
    "udp": Protocol.UDP,
}


@lru_cache(maxsize=1 << 14)
def protocol(name: str, said: str, transport: str) -> Protocol:
    """What Istio takes a port for: by its protocol where it is said, else by the port's name up to the first dash.

    Source: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/.
    """
    if transport == "UDP":
        return Protocol.UDP
    if said:
        return PORT_PROTOCOLS.get(said.lower(), Protocol.AUTO)
    lower = name.lower()
    return PORT_PROTOCOLS.get("grpc-web" if lower.startswith("grpc-web") else lower.partition("-")[0], Protocol.AUTO)


def kubernetes_service(
    one: ManifestObject,
    domain: str,
    default: tuple[str, ...],
    listed: tuple[Listed, ...] = (),
    unknown: tuple[Evidence, ...] = (),
) -> Service:
    """A Kubernetes Service; `listed` are the addresses that Endpoints or EndpointSlices of its name add.

    Raises AttributeError, KeyError, TypeError or ValueError where a field is of another type than it has to be.
    """
    metadata: Mapping[str, Any] = one.body["metadata"]
    spec: Mapping[str, Any] = one.body.get("spec") or {}
    external = spec.get("type") == "ExternalName"
    headless = spec.get("clusterIP") == "None"
    address = spec.get("clusterIP")
    return Service(
        host=service_host(metadata["name"], metadata["namespace"], domain),
        namespace=metadata["namespace"],
        object=one,
        ports=tuple(map(_port, spec.get("ports") or ())),
        visible=service_export(metadata, default),
        selector=None if external else spec.get("selector") or None,
        resolution=Resolution.ALIAS if external else Resolution.ASKED if headless else Resolution.ENDPOINTS,
        listed=listed,
        addresses=(address,) if address and not headless else (),
        target_host=str(spec.get("externalName", "")).lower().rstrip(".") if external else "",
        unknown=unknown,
    )


def _port(body: Mapping[str, Any]) -> ServicePort:
    get = body.get
    number = int(body["port"])
    target = get("targetPort") or number
    transport = get("protocol") or "TCP"
    name = get("name") or ""
    said = protocol(name, get("appProtocol") or "", transport)
    target = target if isinstance(target, str) else int(target)
    return ServicePort(number, target, said, transport, name, int(get("nodePort") or 0))


_RESOLUTIONS: Final = {
    "": Resolution.ASKED,
    "DYNAMIC_DNS": Resolution.DYNAMIC,
    "NONE": Resolution.ASKED,
    "STATIC": Resolution.ENDPOINTS,
    "DNS": Resolution.NAMES,
    "DNS_ROUND_ROBIN": Resolution.NAMES,
}


def entry_services(
    one: ManifestObject, visible: Peers, unknown: tuple[Evidence, ...], chosen: tuple[Listed, ...] = ()
) -> Iterable[Service]:
    """A service for each host of a ServiceEntry; `chosen` are the WorkloadEntries that its selector selects."""
    spec: Mapping[str, Any] = one.body.get("spec") or {}
    selector = spec.get("workloadSelector")
    resolution = _RESOLUTIONS.get(spec.get("resolution") or "", Resolution.ASKED)
    if selector is not None and resolution is Resolution.ASKED:
        resolution = Resolution.ENDPOINTS
    ports = tuple(map(_entry_port, spec.get("ports") or ()))
    listed = (*_endpoints(one, spec), *chosen)
    for host in spec.get("hosts") or ():
        yield Service(
            host=host.lower(),
            namespace=one.body["metadata"]["namespace"],
            object=one,
            ports=ports,
            visible=visible,
            selector=None if selector is None else selector.get("labels") or _NO_LABELS,
            resolution=resolution,
            listed=listed,
            addresses=tuple(spec.get("addresses") or ()),
            kubernetes=False,
            unknown=unknown,
        )


def _endpoints(one: ManifestObject, spec: Mapping[str, Any]) -> Iterable[Listed]:
    for index, endpoint in enumerate(spec.get("endpoints") or ()):
        yield Listed(
            address=endpoint.get("address") or "",
            path=f"spec.endpoints[{index}].address",
            object=one,
            ports=endpoint.get("ports") or {},
            labels=endpoint.get("labels") or _NO_LABELS,
        )


def _entry_port(body: Mapping[str, Any]) -> ServicePort:
    number = int(body.get("number") or 0)
    said = body.get("protocol") or ""
    return ServicePort(
        number=number,
        target=int(body.get("targetPort") or number),
        protocol=protocol(body.get("name") or "", said, "UDP" if said == "UDP" else "TCP"),
        transport="UDP" if said == "UDP" else "TCP",
        name=body.get("name") or "",
    )
