"""The fence in the layer of the network: default deny both ways, and one NetworkPolicy for each named exception."""

from collections.abc import Iterable

from tenantmesh.manifest import Body
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.outside import outside_blocks
from tenantmesh.plan.ports import CONTROL_PLANE, DNS, HTTP_TARGET, HTTPS_TARGET, METRICS
from tenantmesh.plan.selectors import Fragment, addresses, namespaces, pods, tcp
from tenantmesh.plan.telemetry.tracing import is_traced
from tenantmesh.spec import labels
from tenantmesh.spec.gateway import ClientTls, EgressGatewaySpec, EgressSpec, IngressSpec
from tenantmesh.spec.tenant import TenantSpec

_EVERYWHERE = ("0.0.0.0/0", "::/0")


def plan_network(tenant: TenantSpec) -> list[Body]:
    """The policies of every namespace and those of the gateways."""
    bodies = [body for name in tenant.namespace_names for body in _fence(tenant, name)]
    bodies += [_clients(tenant, ingress) for ingress in tenant.ingresses]
    if tenant.egress:
        bodies += [_outside(tenant, tenant.egress, gateway) for gateway in tenant.egress.gateways]
    return bodies


def _fence(tenant: TenantSpec, namespace: str) -> Iterable[Body]:
    infrastructure = tenant.mesh.infrastructure
    own = namespaces(tenant.namespace_names)
    dns = pods(infrastructure.dns_namespace, dict(infrastructure.dns_labels))
    dns_ports = [{"port": DNS, "protocol": protocol} for protocol in ("TCP", "UDP")]
    istiod = pods(tenant.mesh.control_plane.namespace, {labels.ISTIO_APP: labels.ISTIO_CONTROL_PLANE_APP})
    yield _policy(tenant, namespace, "default-deny", {"policyTypes": ["Egress", "Ingress"]})
    yield _policy(
        tenant,
        namespace,
        "allow-tenant",
        {"egress": [{"to": [own]}], "ingress": [{"from": [own]}], "policyTypes": ["Egress", "Ingress"]},
    )
    yield _policy(tenant, namespace, "allow-dns", _egress([dns], dns_ports))
    yield _policy(tenant, namespace, "allow-control-plane", _egress([istiod], tcp([CONTROL_PLANE])))
    if infrastructure.observability_namespaces:
        watchers = [namespaces(infrastructure.observability_namespaces)]
        yield _policy(tenant, namespace, "allow-observability", _ingress(watchers, tcp(METRICS)))
    tracing = tenant.mesh.telemetry.tracing
    if tracing and is_traced(tenant):
        collector = pods(tracing.namespace, dict(tracing.pod_labels))
        yield _policy(tenant, namespace, "allow-tracing", _egress([collector], tcp([tracing.pod_port])))
    if infrastructure.api_server_cidrs:
        servers = addresses(infrastructure.api_server_cidrs)
        rule = _egress(servers, tcp([infrastructure.api_server_port]))
        yield _policy(tenant, namespace, "allow-api-server", rule)
    if tenant.project and tenant.project.peers:
        members = [namespaces(peer.namespace for peer in tenant.project.peers)]
        both = {"egress": [{"to": members}], "ingress": [{"from": members}], "policyTypes": ["Egress", "Ingress"]}
        yield _policy(tenant, namespace, "allow-project", both)


def _clients(tenant: TenantSpec, ingress: IngressSpec) -> Body:
    """Clients from outside reach an ingress gateway's listeners, and nothing else."""
    targets = [HTTP_TARGET] if ingress.http_port else []
    targets += [HTTPS_TARGET] if ingress.client_tls is not ClientTls.NONE else []
    rule: Fragment = {"ports": tcp(targets)}
    if ingress.service.source_ranges:
        rule["from"] = addresses(ingress.service.source_ranges)
    spec = {
        "ingress": [rule],
        "podSelector": {"matchLabels": labels.gateway(tenant.name, ingress.role)},
        "policyTypes": ["Ingress"],
    }
    return _policy(tenant, tenant.gateway_namespace, ingress.named("allow-clients"), spec)


def _outside(tenant: TenantSpec, egress: EgressSpec, gateway: EgressGatewaySpec) -> Body:
    """Only an egress gateway leaves the cluster, and only to the ports of the services that it was named for.

    A NetworkPolicy knows addresses, not names: which hosts are called is for the gateway's routes to say.
    """
    spec = _egress(outside_blocks(tenant, gateway), tcp(service.port for service in egress.by(gateway)))
    spec["podSelector"] = {"matchLabels": labels.gateway(tenant.name, gateway.role)}
    return _policy(tenant, tenant.gateway_namespace, gateway.named("allow-outside"), spec)


def _egress(to: list[Fragment], ports: list[Fragment]) -> Fragment:
    return {"egress": [{"ports": ports, "to": to}], "policyTypes": ["Egress"]}


def _ingress(source: list[Fragment], ports: list[Fragment]) -> Fragment:
    return {"ingress": [{"from": source, "ports": ports}], "policyTypes": ["Ingress"]}


def _policy(tenant: TenantSpec, namespace: str, name: str, spec: Fragment) -> Body:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(tenant.name, "fence", name, namespace),
        "spec": {"podSelector": {}, **spec},
    }
