"""A tenant's ways in: its own ingress gateways, the Service before each, and what it answers to."""

from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.certificates import accepted_clients, tls_secret_name
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.login import login_additions
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.ports import HTTP_TARGET, HTTPS_TARGET
from tenantmesh.plan.proxies import gateway_name, plan_proxies
from tenantmesh.plan.quota import service_ports
from tenantmesh.spec import labels
from tenantmesh.spec.gateway import ClientTls, IngressSpec, ServiceType
from tenantmesh.spec.tenant import TenantSpec

_RBAC = "rbac.authorization.k8s.io"
_TARGETS = {"http": HTTP_TARGET, "https": HTTPS_TARGET}
_MODES: dict[ClientTls, Any] = {
    ClientTls.SIMPLE: "SIMPLE",
    ClientTls.MUTUAL: "MUTUAL",
    ClientTls.PASSTHROUGH: "PASSTHROUGH",
}


def plan_ingress(tenant: TenantSpec) -> list[Body]:
    """For each ingress: pods, Service, Gateway and the right to read the certificate."""
    return [body for ingress in tenant.ingresses for body in _bodies(tenant, ingress)]


def _bodies(tenant: TenantSpec, ingress: IngressSpec) -> list[Body]:
    ports = {name: _TARGETS[name] for name in service_ports(ingress)}
    bodies = plan_proxies(tenant, ingress.role, ingress.replicas, ingress.resources, ports, login_additions(tenant))
    bodies += [_service(tenant, ingress), _gateway(tenant, ingress)]
    return [*bodies, *_certificate_access(tenant, ingress)] if ingress.certified else bodies


def gateway_reference(tenant: TenantSpec, ingress: IngressSpec) -> str:
    """How a VirtualService of any of the tenant's namespaces names an ingress gateway."""
    return f"{tenant.gateway_namespace}/{gateway_name(tenant, ingress.role)}"


def _service(tenant: TenantSpec, ingress: IngressSpec) -> Body:
    service = ingress.service
    annotations: dict[str, Any] = {labels.EXPORT_TO: ",".join(tenant.namespace_names)}
    if tenant.domain and (hosts := _published(tenant, ingress)):
        annotations[labels.EXTERNAL_DNS_HOSTNAME] = ",".join(hosts)
    spec: dict[str, Any] = {
        "ports": _service_ports(ingress),
        "selector": labels.gateway(tenant.name, ingress.role),
        "type": service.type.value,
    }
    if service.type is ServiceType.LOAD_BALANCER:
        if not service.allocate_node_ports:
            spec["allocateLoadBalancerNodePorts"] = False
        if service.source_ranges:
            spec["loadBalancerSourceRanges"] = list(service.source_ranges)
    if service.source_ranges and service.type is not ServiceType.CLUSTER_IP:
        # Otherwise the gateway and its network policy see the node's address in place of the client's.
        spec["externalTrafficPolicy"] = "Local"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(
            tenant.name,
            "ingress",
            gateway_name(tenant, ingress.role),
            tenant.gateway_namespace,
            {**dict(service.annotations), **annotations},
        ),
        "spec": spec,
    }


def _published(tenant: TenantSpec, ingress: IngressSpec) -> list[str]:
    """The hosts whose DNS records lead to an ingress: of several with one host it is the first, for a name has one."""
    before = tenant.ingresses[: tenant.ingresses.index(ingress)]
    return [host for host in ingress.hosts if not any(host in other.hosts for other in before)]


def _service_ports(ingress: IngressSpec) -> list[dict[str, Any]]:
    numbers = {"http": ingress.http_port, "https": ingress.https_port}
    node_ports = {"http": ingress.service.http_node_port, "https": ingress.service.https_node_port}
    ports: list[dict[str, Any]] = []
    for name in service_ports(ingress):
        port: dict[str, Any] = {"name": name, "port": numbers[name], "protocol": "TCP", "targetPort": _TARGETS[name]}
        if node_ports[name]:
            port["nodePort"] = node_ports[name]
        ports.append(port)
    return ports


def _gateway(tenant: TenantSpec, ingress: IngressSpec) -> networking.Gateway:
    hosts = [f"{namespace}/{host}" for namespace in tenant.namespace_names for host in ingress.hosts]
    servers: list[networking.GatewayServers] = []
    if ingress.http_port:
        plain: networking.GatewayServers = {
            "hosts": hosts,
            "port": {"name": "http", "number": ingress.http_port, "protocol": "HTTP"},
        }
        if ingress.client_tls is not ClientTls.NONE:
            plain["tls"] = {"httpsRedirect": True}
        servers.append(plain)
    if ingress.client_tls is not ClientTls.NONE:
        servers.append(
            {
                "hosts": list(hosts),
                "port": {
                    "name": "https",
                    "number": ingress.https_port,
                    "protocol": "TLS" if ingress.client_tls is ClientTls.PASSTHROUGH else "HTTPS",
                },
                "tls": _tls(tenant, ingress),
            }
        )
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": metadata(tenant.name, "ingress", gateway_name(tenant, ingress.role), tenant.gateway_namespace),
        "spec": {"selector": labels.gateway(tenant.name, ingress.role), "servers": servers},
    }


def _tls(tenant: TenantSpec, ingress: IngressSpec) -> networking.GatewayServersTls:
    made: networking.GatewayServersTls = {"mode": _MODES[ingress.client_tls]}
    if ingress.certified:
        # A bare name: a Secret of the gateway's own namespace and no other (CVE-2021-34824).
        made["credentialName"] = tls_secret_name(tenant, ingress)
        made["minProtocolVersion"] = "TLSV1_2"
    if ingress.client_tls is ClientTls.MUTUAL and (clients := accepted_clients(tenant, ingress)):
        made["subjectAltNames"] = clients
    return made


def _certificate_access(tenant: TenantSpec, ingress: IngressSpec) -> list[Body]:
    """istiod hands a gateway the Secrets that the gateway's own service account may list."""
    name, namespace = gateway_name(tenant, ingress.role), tenant.gateway_namespace
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}
    return [
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "Role",
            "metadata": metadata(tenant.name, "ingress", name, namespace),
            "rules": [rule],
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": metadata(tenant.name, "ingress", name, namespace),
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
        },
    ]
