"""Who sends what, as the destination's proxy sees it: the peer's certificate, addresses, the request, the token."""

from typing import NamedTuple

from tenantmesh.graph.cidrs import Address
from tenantmesh.graph.flow import Request, Workload

SPIFFE = "spiffe://"


class Circumstances(NamedTuple):
    """One request at one proxy.

    `principal` is the name in the peer's certificate, None without one. Addresses are None when nobody knows them.
    `request_principal` is "" unless a token was accepted.
    """

    destination: Workload
    request: Request
    principal: str | None = None
    source_address: Address | None = None
    remote_address: Address | None = None
    destination_address: Address | None = None
    request_principal: str = ""

    @property
    def is_http(self) -> bool:
        """Whether the proxy reads the request, and not only its connection."""
        return bool(self.request.method)


def mesh_principal(workload: Workload, trust_domain: str) -> str:
    """The identity in the certificate that the mesh gives to a workload."""
    return f"{SPIFFE}{trust_domain}/ns/{workload.namespace}/sa/{workload.service_account}"
