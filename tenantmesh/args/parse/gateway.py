"""Reads IngressArgs and CertificatesArgs."""

from typing import Any

from tenantmesh.args.parse.fields import (
    HOST_PATTERNS,
    NAME,
    NAMES,
    NETWORKS,
    PORT,
    PORT_OR_CLOSED,
    POSITIVE,
    filled_problem,
    label_key_problem,
    replicas,
    resources,
)
from tenantmesh.args.parse.readers import boolean, choice, leaf, names, pairs, record, several
from tenantmesh.spec.gateway import (
    CertificatesSpec,
    ClientTls,
    GatewayServiceSpec,
    GeneratedChain,
    IngressSpec,
    IssuerKind,
    NamedIssuer,
    NamedSecret,
    ReplicasSpec,
    ResourcesSpec,
    ServiceType,
    TcpTlsSpec,
)
from tenantmesh.spec.hosts import host_problem

GATEWAY_REPLICAS = replicas(ReplicasSpec())
GATEWAY_RESOURCES = resources(ResourcesSpec())


def _certificates_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Exactly one source; what belongs to another source is an error, not a wish that is passed over."""
    if "secret_name" in found and "issuer" in found:
        return [("issuer", "is one source and secret_name another: name one")]
    source = next((key for key in ("secret_name", "issuer") if key in found), "")
    idle = {"secret_name": ("epochs", "validity", "clients"), "issuer": ("epochs", "clients")}.get(source, ())
    return [(key, f"has no meaning with {source}: leave it out") for key in idle if key in found]


def _certificates(
    *,
    secret_name: str = "",
    issuer: NamedIssuer | None = None,
    epochs: dict[str, Any] | None = None,
    validity: dict[str, int] | None = None,
    clients: tuple[str, ...] = (),
    tcp: tuple[tuple[str, TcpTlsSpec], ...] = (),
) -> CertificatesSpec:
    hours: dict[str, Any] = {f"{name}_hours": value for name, value in (validity or {}).items()}
    if secret_name:
        return NamedSecret(name=secret_name, tcp=tcp)
    if issuer:
        leaf = {key: value for key, value in hours.items() if key == "leaf_hours"}
        return NamedIssuer(name=issuer.name, kind=issuer.kind, tcp=tcp, **leaf)
    return GeneratedChain(clients=clients, tcp=tcp, **(epochs or {}), **hours)


def _epochs(**found: Any) -> dict[str, Any]:
    renamed = {"ca": "epoch", "trusted": "trust_epochs", "leaf": "leaf_epoch"}
    return {renamed[key]: value for key, value in found.items()}


def _validity_rule(found: dict[str, int]) -> list[tuple[str, str]]:
    """A certificate that outlives its signer is refused by clients from the day that the signer ends."""
    hours: dict[str, Any] = {f"{name}_hours": value for name, value in found.items()}
    chain = GeneratedChain(**hours)
    wrong: list[tuple[str, str]] = []
    if chain.intermediate_hours > chain.root_hours:
        wrong.append(("intermediate", "is longer than root: shorten it"))
    if chain.leaf_hours > chain.intermediate_hours:
        wrong.append(("leaf", "is longer than intermediate: shorten it"))
    return wrong


def _service_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    spec = GatewayServiceSpec(**found)
    node_ports = {"http_node_port": spec.http_node_port, "https_node_port": spec.https_node_port}
    if spec.type is ServiceType.CLUSTER_IP:
        return [(name, "needs type NodePort or LoadBalancer") for name, port in node_ports.items() if port]
    if spec.http_node_port and spec.http_node_port == spec.https_node_port:
        return [("https_node_port", "is the same as http_node_port: choose another")]
    return []


def _ingress_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    complete: dict[str, Any] = {"hosts": (), **found}
    spec = IngressSpec(**complete)
    wrong: list[tuple[str, str]] = []
    if spec.client_tls is ClientTls.NONE and not spec.http_port:
        wrong.append(("http_port", "is closed and client_tls is none: nothing is left open"))
    if spec.http_port == spec.https_port:
        wrong.append(("https_port", "is the same as http_port: choose another"))
    if not spec.certified and "certificates" in found:
        wrong.append(("certificates", f"has no meaning with client_tls {spec.client_tls.value}: leave it out"))
    if spec.client_tls is not ClientTls.MUTUAL and "client_names" in found:
        wrong.append(("client_names", "has a meaning with client_tls mutual only"))
    if spec.service.http_node_port and not spec.http_port:
        wrong.append(("service.http_node_port", "has no port behind it: http_port is 0"))
    if spec.service.https_node_port and spec.client_tls is ClientTls.NONE:
        wrong.append(("service.https_node_port", "has no port behind it: client_tls is none"))
    return wrong


ISSUER = record(NamedIssuer, {"name": NAME, "kind": choice(IssuerKind)}, required=["name"])


def _tcp_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    tls = _tcp_tls(**found)
    if tls.mode is ClientTls.NONE:
        return [("mode", "none leaves no name to tell hosts apart by: choose simple, mutual or passthrough")]
    if tls.mode is ClientTls.PASSTHROUGH:
        return [(key, "is the App's own where TLS passes through: leave it out") for key in found if key != "mode"]
    if tls.mode is ClientTls.SIMPLE and tls.client_names:
        return [("client_names", "has a meaning with mode mutual only")]
    return []


def _tcp_tls(*, secret_name: str = "", **found: Any) -> TcpTlsSpec:
    return TcpTlsSpec(secret=secret_name, **found)


TCP_TLS = record(
    _tcp_tls,
    {"mode": choice(ClientTls), "secret_name": NAME, "client_names": names(filled_problem)},
    rules=[_tcp_rule],
)
CERTIFICATES = record(
    _certificates,
    {
        "secret_name": NAME,
        "issuer": ISSUER,
        "epochs": record(_epochs, {"ca": POSITIVE, "trusted": several(POSITIVE, 1), "leaf": POSITIVE}),
        "validity": record(
            dict, {"root": POSITIVE, "intermediate": POSITIVE, "leaf": POSITIVE}, rules=[_validity_rule]
        ),
        "clients": NAMES,
        "tcp": pairs(TCP_TLS, host_problem),
    },
    rules=[_certificates_rule],
)
SERVICE = record(
    GatewayServiceSpec,
    {
        "type": choice(ServiceType),
        "http_node_port": PORT,
        "https_node_port": PORT,
        "annotations": pairs(leaf, label_key_problem),
        "source_ranges": NETWORKS,
        "allocate_node_ports": boolean,
    },
    rules=[_service_rule],
)
INGRESS = record(
    dict,
    {
        "hosts": HOST_PATTERNS,
        "http_port": PORT_OR_CLOSED,
        "https_port": PORT,
        "client_tls": choice(ClientTls),
        "client_names": names(filled_problem),
        "service": SERVICE,
        "certificates": CERTIFICATES,
        "replicas": GATEWAY_REPLICAS,
        "resources": GATEWAY_RESOURCES,
    },
    rules=[_ingress_rule],
)
"""What is given of an ingress: its hosts depend on the tenant's domain."""
