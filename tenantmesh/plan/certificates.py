"""A tenant's certificates: which to make and who signs which, and the Secrets that they end in.

The chain is only described here. Keys are made elsewhere and come back as `CertificateMaterial`, whose leaves pass
through untouched.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import cert_manager
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.proxies import gateway_name
from tenantmesh.spec.gateway import ClientTls, GeneratedChain, IngressSpec, NamedIssuer, NamedSecret
from tenantmesh.spec.names import joined
from tenantmesh.spec.tenant import TenantSpec

CA_USES = ("cert_signing", "crl_signing", "digital_signature")
SERVER_USES = ("digital_signature", "server_auth")
CLIENT_USES = ("client_auth", "digital_signature")
CURVE = "P256"


class CertificateRequest(Struct, frozen=True, kw_only=True):
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


class CertificateChain(Struct, frozen=True, kw_only=True):
    """What a tenant's chain is made of, signers first, and what its Secrets need of it by name.

    `further` are the servers of further gateways by the gateway's name, whose clients are `<gateway>/<client>`.
    """

    requests: tuple[CertificateRequest, ...]
    roots: tuple[str, ...]
    intermediate: str
    server: str
    clients: Mapping[str, str]
    further: Mapping[str, str] = field(default_factory=dict[str, str])


class Leaf(Struct, frozen=True, kw_only=True):
    """A certificate with its intermediate, and its key; PEM, or what becomes PEM."""

    chain: Any
    key: Any


class CertificateMaterial(Struct, frozen=True, kw_only=True):
    """What a chain became: the trusted roots one after the other, the servers' leaves and the clients' by name."""

    roots: Any
    server: Leaf
    clients: Mapping[str, Leaf] = field(default_factory=dict[str, Leaf])
    further: Mapping[str, Leaf] = field(default_factory=dict[str, Leaf])


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
    generated = _generated(tenant)
    servers = {one.name: _server(tenant, chain, intermediate.name, one) for one in generated}
    clients = {
        _client_key(one, name): _client(tenant, chain, intermediate.name, one, name)
        for one in generated
        for name in _clients_of(one)
    }
    return CertificateChain(
        requests=(*roots, intermediate, *servers.values(), *clients.values()),
        roots=tuple(root.name for root in roots),
        intermediate=intermediate.name,
        server=servers[""].name,
        clients={name: request.name for name, request in clients.items()},
        further={name: request.name for name, request in servers.items() if name},
    )


def client_name(tenant: TenantSpec, ingress: IngressSpec, name: str) -> str:
    """The DNS name in a generated client certificate: another one at each gateway."""
    place = f"{ingress.name}.clients" if ingress.name else "clients"
    return f"{name}.{place}.{tenant.domain or tenant.name}"


def accepted_clients(tenant: TenantSpec, ingress: IngressSpec) -> list[str]:
    """The names of which a client's certificate must have one; none: any that the tenant's CA signed."""
    return list(ingress.client_names) or [client_name(tenant, ingress, name) for name in _clients_of(ingress)]


def tls_secret_name(tenant: TenantSpec, ingress: IngressSpec) -> str:
    """The Secret with the server's certificate, in the gateway's namespace."""
    source = ingress.certificates
    return source.name if isinstance(source, NamedSecret) else f"{gateway_name(tenant, ingress.role)}-tls"


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
    """The cert-manager Certificates of the gateways for which an issuer was named."""
    return [
        _certificate(tenant, ingress, ingress.certificates)
        for ingress in tenant.ingresses
        if ingress.certified and isinstance(ingress.certificates, NamedIssuer)
    ]


def plan_secrets(tenant: TenantSpec, material: CertificateMaterial) -> list[Body]:
    """The Secrets of a chain: the servers' for the gateways, and one for each client in the home namespace."""
    bodies: list[Body] = []
    for ingress in _generated(tenant):
        leaf = material.further[ingress.name] if ingress.name else material.server
        trust = {"ca.crt": material.roots} if ingress.client_tls is ClientTls.MUTUAL else {}
        bodies.append(_secret(tenant, tls_secret_name(tenant, ingress), tenant.gateway_namespace, leaf, trust))
    for client, leaf in sorted(material.clients.items()):
        place = joined(tenant.name, "client", *client.split("/"))
        bodies.append(_secret(tenant, place, tenant.home, leaf, {"ca.crt": material.roots}))
    return bodies


def _generated(tenant: TenantSpec) -> list[IngressSpec]:
    """The gateways whose certificates are of the tenant's chain."""
    return [one for one in tenant.ingresses if one.certified and isinstance(one.certificates, GeneratedChain)]


def _clients_of(ingress: IngressSpec) -> tuple[str, ...]:
    source = ingress.certificates
    return source.clients if isinstance(source, GeneratedChain) else ()


def _client_key(ingress: IngressSpec, name: str) -> str:
    return f"{ingress.name}/{name}" if ingress.name else name


def _root(tenant: TenantSpec, chain: GeneratedChain, epoch: int) -> CertificateRequest:
    return CertificateRequest(
        name=f"{tenant.name}/root-{epoch}",
        common_name=f"{tenant.name} root CA {epoch}",
        organization=tenant.name,
        authority=True,
        uses=CA_USES,
        validity_hours=chain.root_hours,
    )


def _server(tenant: TenantSpec, chain: GeneratedChain, signer: str, ingress: IngressSpec) -> CertificateRequest:
    name = f"{tenant.name}/server-{chain.epoch}-{chain.leaf_epoch}"
    return CertificateRequest(
        name=f"{name}-{ingress.name}" if ingress.name else name,
        common_name=_common_name(ingress.hosts),
        organization=tenant.name,
        signer=signer,
        dns_names=ingress.hosts,
        uses=SERVER_USES,
        validity_hours=chain.leaf_hours,
    )


def _client(
    tenant: TenantSpec, chain: GeneratedChain, signer: str, ingress: IngressSpec, name: str
) -> CertificateRequest:
    return CertificateRequest(
        name=f"{tenant.name}/client-{chain.epoch}-{chain.leaf_epoch}-{_client_key(ingress, name)}",
        common_name=name,
        organization=tenant.name,
        signer=signer,
        dns_names=(client_name(tenant, ingress, name),),
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
        "metadata": metadata(tenant.name, "certificates", gateway_name(tenant, ingress.role), tenant.gateway_namespace),
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
