"""What is asked of the graph: who sends what to whom."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from tenantmesh.manifest import ManifestObject

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Proxy(StrEnum):
    """How a workload takes part in the mesh."""

    NONE = "none"
    SIDECAR = "sidecar"
    GATEWAY = "gateway"
    AMBIENT = "ambient"


class ContainerPort(Struct, frozen=True, kw_only=True):
    """A port that a container declares; `name` is "" when it has none."""

    number: int
    protocol: str = "TCP"
    name: str = ""


class Workload(Struct, frozen=True, kw_only=True):
    """Pods that are equal in all that reachability depends on: a Pod or the template of a controller.

    `given` are the keys of labels that the control plane may add, with values that nobody knows.
    `addresses` are those of its live pods, empty when unknown. `spec` is the pod's spec and `annotations` the pod's.
    `object` made it; None for a pod that could be made but is not there (a proof reasons about those too).
    """

    namespace: str
    name: str
    labels: Mapping[str, str] = _NOTHING
    given: frozenset[str] = frozenset()
    service_account: str = "default"
    ports: tuple[ContainerPort, ...] = ()
    host_network: bool = False
    addresses: tuple[str, ...] = ()
    proxy: Proxy = Proxy.NONE
    annotations: Mapping[str, str] = _NOTHING
    spec: Mapping[str, Any] = _NOTHING
    object: ManifestObject | None = None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Outside(Struct, frozen=True, kw_only=True):
    """Somebody who is no pod of the cluster: an address, a host name, or (both "") anybody.

    `principal` is the name in a client certificate that is not the mesh's.
    """

    address: str = ""
    host: str = ""
    principal: str = ""

    def __str__(self) -> str:
        return self.host or self.address or "outside"


Endpoint = Workload | Outside


class Request(Struct, frozen=True, kw_only=True):
    """One connection, and the request in it where the protocol is HTTP.

    `port` is the one that the destination's pods listen on. `method` is "" for traffic that is not HTTP; `host` is the
    authority, port included if it is sent. `headers` have lower-case names. `claims` are those of a valid token, "" as
    `request_principal` (`issuer/subject`) when there is none. `mtls`: whether the source offers its mesh identity;
    None lets its proxy decide.
    """

    port: int
    protocol: str = "TCP"
    method: str = "GET"
    path: str = "/"
    host: str = ""
    sni: str = ""
    headers: Mapping[str, str] = _NOTHING
    request_principal: str = ""
    audiences: tuple[str, ...] = ()
    presenter: str = ""
    claims: Mapping[str, Any] = _NOTHING
    mtls: bool | None = None
