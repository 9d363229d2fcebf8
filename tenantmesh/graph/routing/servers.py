"""What a gateway serves: its servers, each with a port, hosts and how it ends TLS."""

from collections.abc import Mapping

from msgspec import Struct

from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.routing.hosts import without_port
from tenantmesh.graph.routing.services import Protocol
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject


class Server(Struct, frozen=True, kw_only=True):
    """One server; `hosts` are namespaces of routes (`*` is any) with host patterns. `path` is where it is written.

    `mode` is its TLS mode, "" for plain text; `redirects`: it only sends clients to HTTPS.
    """

    hosts: tuple[tuple[str, str], ...]
    port: int
    protocol: Protocol
    path: str
    https: bool = False
    mode: str = ""
    redirects: bool = False
    credentials: tuple[str, ...] = ()

    @property
    def routed_as(self) -> Protocol:
        """Which rules of a route apply: by HTTP, by SNI where TLS passes through, or by connection."""
        if self.protocol is Protocol.HTTP or (self.https and self.mode not in ("PASSTHROUGH", "AUTO_PASSTHROUGH")):
            return Protocol.HTTP
        passes = self.mode in ("PASSTHROUGH", "AUTO_PASSTHROUGH")
        return Protocol.TLS if passes else Protocol.TCP

    def name(self, request: Request) -> str:
        """The name that a client asks for, in lower case: the SNI where only that can be seen, else the authority."""
        return without_port((request.host or request.sni) if self.routed_as is Protocol.HTTP else request.sni)


class Gateway(Struct, frozen=True, kw_only=True, eq=False):
    """An Istio Gateway or a listener of Gateway API's, by which routes are bound to pods.

    `implied` are the pods that a controller makes for it, None where it only selects those that are there; `is_open`
    says whether the outside reaches those.
    """

    key: str
    namespace: str
    object: ManifestObject
    selector: Mapping[str, str]
    servers: tuple[Server, ...]
    unknown: tuple[Evidence, ...] = ()
    implied: Workload | None = None
    is_open: bool = False
