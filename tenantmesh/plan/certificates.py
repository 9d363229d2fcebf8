"""A tenant's certificates: which to make and who signs which, and the Secrets that they end in.

The chain is only described here. Keys are made elsewhere and come back as `CertificateMaterial`, whose leaves pass
through untouched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import cert_manager
from tenantmesh.plan.objects import metadata
from tenantmesh.spec.gateway import ClientTls, GeneratedChain, IngressSpec, NamedIssuer, NamedSecret
from tenantmesh.spec.names import joined
from tenantmesh.spec.tenant import TenantSpec

CA_USES = ("cert_signing", "crl_signing", "digital_signature")
SERVER_USES = ("digital_signature", "server_auth")
CLIENT_USES = ("client_auth", "digital_signature")
CURVE = "P256"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """One key (ECDSA P256) and its certificate.

    `signer` is the name of another request, earlier in the chain; "" signs itself. Times are in hours.
    """

    name: str
    common_name: str
    organization: str
    signer: str = ""
    authority: bool = False
    dns_names: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    validity_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChain:
    """What a tenant's chain is made of, signers first, and what its Secrets need of it by name."""

    requests: tuple[CertificateRequest, ...]
    roots: tuple[str, ...]
    intermediate: str
    server: str
    clients: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A certificate with its intermediate, and its key; PEM, or what becomes PEM."""

    chain: Any
    key: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateMaterial:
    """What a chain became: the trusted roots one after the other, the server's leaf, the clients' by name."""

    roots: Any
    server: Leaf
    clients: Mapping[str, Leaf] = field(default_factory=dict[str, Leaf])


def plan_chain(tenant: TenantSpec) -> CertificateChain | None:
    """The certificates to make: none where there is no TLS to end, or where a Secret or an issuer was named."""
    ingress = tenant.ingress
    if ingress is None or not ingress.certified or not isinstance(ingress.certificates, GeneratedChain):
        return None
    chain = ingress.certificates
    roots = [_root(tenant, chain, epoch) for epoch in chain.trusted]
    intermediate = CertificateRequest(
        name=f"{tenant.name}/intermediate-{chain.epoch}",
        common_name=f"{tenant.name} intermediate CA {chain.epoch}",
        organization=tenant.name,
        signer=f"{tenant.name}/root-{chain.epoch}",
        authority=True,
        uses=CA_USES,
        validity_hours=chain.intermediate_hours,
    )
    server = CertificateRequest(
        name=f"{tenant.name}/server-{chain.epoch}-{chain.leaf_epoch}",
        common_name=_common_name(ingress.hosts),
        organization=tenant.name,
        signer=intermediate.name,
        dns_names=ingress.hosts,
        uses=SERVER_USES,
        validity_hours=chain.leaf_hours,
    )
    clients = {name: _client(tenant, chain, intermediate.name, name) for name in chain.clients}
    return CertificateChain(
        requests=(*roots, intermediate, server, *clients.values()),
        roots=tuple(root.name for root in roots),
        intermediate=intermediate.name,
        server=server.name,
        clients={name: request.name for name, request in clients.items()},
    )


def client_name(tenant: TenantSpec, name: str) -> str:
    """The DNS name in a generated client certificate."""
    return f"{name}.clients.{tenant.domain or tenant.name}"


def accepted_clients(tenant: TenantSpec, ingress: IngressSpec) -> list[str]:
    """The names of which a client's certificate must have one; none: any that the tenant's CA signed."""
    source = ingress.certificates
    generated = source.clients if isinstance(source, GeneratedChain) else ()
    return list(ingress.client_names) or [client_name(tenant, name) for name in generated]


def tls_secret_name(tenant: TenantSpec, ingress: IngressSpec) -> str:
    """The Secret with the server's certificate, in the gateway's namespace."""
    source = ingress.certificates
    return source.name if isinstance(source, NamedSecret) else f"{tenant.name}-ingress-tls"


def tcp_secret_name(tenant: TenantSpec, ingress: IngressSpec, host: str) -> str:
    """The Secret with the certificate of one host of an App over TCP; none where its TLS passes through."""
    tls = ingress.tcp_tls(host)
    return "" if tls.mode is ClientTls.PASSTHROUGH else tls.secret or tls_secret_name(tenant, ingress)


def tcp_clients(tenant: TenantSpec, ingress: IngressSpec, host: str) -> list[str]:
    """The names of which a client's certificate must have one at a host of an App over TCP; none: any of its CA."""
    tls = ingress.tcp_tls(host)
    if tls.mode is not ClientTls.MUTUAL:
        return []
    return list(tls.client_names) or ([] if tls.secret else accepted_clients(tenant, ingress))


def plan_issued(tenant: TenantSpec) -> list[Body]:
    """The cert-manager Certificate, where an issuer was named."""
    ingress = tenant.ingress
    if ingress is None or not ingress.certified or not isinstance(ingress.certificates, NamedIssuer):
        return []
    return [_certificate(tenant, ingress, ingress.certificates)]


def plan_secrets(tenant: TenantSpec, material: CertificateMaterial) -> list[Body]:
    """The Secrets of a chain: the server's for the gateway, and one for each client in the home namespace."""
    name, namespace = f"{tenant.name}-ingress-tls", tenant.gateway_namespace
    mutual = tenant.ingress is not None and tenant.ingress.client_tls is ClientTls.MUTUAL
    trust = {"ca.crt": material.roots} if mutual else {}
    bodies = [_secret(tenant, name, namespace, material.server, trust)]
    for client, leaf in sorted(material.clients.items()):
        place = joined(tenant.name, "client", client)
        bodies.append(_secret(tenant, place, tenant.home, leaf, {"ca.crt": material.roots}))
    return bodies


def _root(tenant: TenantSpec, chain: GeneratedChain, epoch: int) -> CertificateRequest:
    return CertificateRequest(
        name=f"{tenant.name}/root-{epoch}",
        common_name=f"{tenant.name} root CA {epoch}",
        organization=tenant.name,
        authority=True,
        uses=CA_USES,
        validity_hours=chain.root_hours,
    )


def _client(tenant: TenantSpec, chain: GeneratedChain, signer: str, name: str) -> CertificateRequest:
    return CertificateRequest(
        name=f"{tenant.name}/client-{chain.epoch}-{chain.leaf_epoch}-{name}",
        common_name=name,
        organization=tenant.name,
        signer=signer,
        dns_names=(client_name(tenant, name),),
        uses=CLIENT_USES,
        validity_hours=chain.leaf_hours,
    )


def _common_name(hosts: tuple[str, ...]) -> str:
    """A host for people to read, at most 64 characters (RFC 5280, upper bounds); clients go by the SANs."""
    return next((host for host in sorted(hosts, key=lambda host: host.startswith("*")) if len(host) <= 64), "server")


def _secret(tenant: TenantSpec, name: str, namespace: str, leaf: Leaf, trust: Mapping[str, Any]) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(tenant.name, "certificates", name, namespace),
        "stringData": {**trust, "tls.crt": leaf.chain, "tls.key": leaf.key},
        "type": "kubernetes.io/tls",
    }


def _certificate(tenant: TenantSpec, ingress: IngressSpec, issuer: NamedIssuer) -> cert_manager.Certificate:
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": metadata(tenant.name, "certificates", f"{tenant.name}-ingress", tenant.gateway_namespace),
        "spec": {
            "dnsNames": list(ingress.hosts),
            "duration": f"{issuer.leaf_hours}h0m0s",
            "issuerRef": {"group": "cert-manager.io", "kind": issuer.kind.value, "name": issuer.name},
            "privateKey": {"algorithm": "ECDSA", "rotationPolicy": "Always", "size": 256},
            "renewBefore": f"{issuer.leaf_hours // 3}h0m0s",
            "secretName": tls_secret_name(tenant, ingress),
            "usages": ["digital signature", "server auth"],
        },
    }
