"""Who sends what, as the destination's proxy sees it: the peer's certificate, addresses, the request, the token."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from tenantmesh.graph.cidrs import Network, network
from tenantmesh.graph.flow import Request, Workload

SPIFFE: Final = "spiffe://"
FORWARDED: Final = "x-forwarded-for"

Networks = tuple[Network, ...]
"""Where an address is known to be; nothing is known when there is none."""


class Circumstances(Struct, frozen=True):
    """One request at one proxy.

    `principal` is the name in the peer's certificate, None without one. `claims` are those of a token that was
    accepted, None without one. `is_http` says that the proxy reads the request, and not only its connection; `path` is
    the request's as the proxy sees it.
    """

    request: Request
    is_http: bool = True
    principal: str | None = None
    source: Networks = ()
    remote: Networks = ()
    destination: Networks = ()
    claims: Mapping[str, Any] | None = None
    path: str = "/"


def mesh_principal(workload: Workload, trust_domain: str) -> str:
    """The identity in the certificate that the mesh gives to a workload."""
    return f"{SPIFFE}{trust_domain}/ns/{workload.namespace}/sa/{workload.service_account}"


def addresses(texts: tuple[str, ...]) -> Networks:
    """Single addresses, or blocks of them."""
    return tuple(network(one if "/" in one else f"{one}/{128 if ':' in one else 32}") for one in texts)


def payload(request: Request, words: frozenset[str]) -> Mapping[str, Any] | None:
    """The claims of the request's token as Envoy keeps them: those named in `words` are lists of words."""
    if not request.request_principal:
        return None
    issuer, _, subject = request.request_principal.rpartition("/")
    claims = {**request.claims, "iss": issuer, "sub": subject}
    if request.audiences:
        claims["aud"] = list(request.audiences)
    if request.presenter:
        claims["azp"] = request.presenter
    for name in words & claims.keys():
        if isinstance(claims[name], str):
            claims[name] = claims[name].split(" ")
    return claims
