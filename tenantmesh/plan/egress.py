"""A tenant's way out: its own egress gateways, and routes that bring every outside host through its one of them.

A sidecar wraps the request in mutual TLS with the outside host as SNI, so that the gateway knows who calls whom.
There it is unwrapped; then TLS of the app goes on untouched (protocol tls), or TLS is begun (protocol https).
https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/
"""

from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.ports import EGRESS_GATEWAY, HTTPS_TARGET, PLAIN_HTTP
from tenantmesh.plan.proxies import Additions, gateway_name, plan_proxies
from tenantmesh.spec import labels
from tenantmesh.spec.gateway import EgressGatewaySpec, ExternalProtocol, ExternalServiceSpec
from tenantmesh.spec.names import joined, label_of_host
from tenantmesh.spec.tenant import TenantSpec

# Otherwise the gateway tells outside hosts the caller's identity (X-Forwarded-Client-Cert).
_PROXY_CONFIG = '{"gatewayTopology": {"forwardClientCertDetails": "SANITIZE"}}'
# In Istio's proxy image, as in Debian.
_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

_Services = tuple[ExternalServiceSpec, ...]


def plan_egress(tenant: TenantSpec) -> list[Body]:
    """Nothing without outside services; else the gateways, and for each host its entry and its route."""
    egress = tenant.egress
    if egress is None:
        return []
    bodies = [body for gateway in egress.gateways for body in _way_out(tenant, gateway, egress.by(gateway))]
    for service in egress.services:
        bodies += [_entry(tenant, service), _route(tenant, egress.gateway_to(service.host), service)]
        if service.protocol is ExternalProtocol.HTTPS:
            bodies.append(_origination(tenant, service))
    return bodies


def gateway_host(tenant: TenantSpec, gateway: EgressGatewaySpec) -> str:
    """The full name of an egress gateway's Service."""
    return f"{gateway_name(tenant, gateway.role)}.{tenant.gateway_namespace}.svc.{tenant.mesh.cluster_domain}"


def _way_out(tenant: TenantSpec, gateway: EgressGatewaySpec, services: _Services) -> list[Body]:
    """One gateway: its pods, and what makes it known to sidecars, for the hosts that it is for."""
    additions = Additions(annotations={labels.PROXY_CONFIG: _PROXY_CONFIG})
    ports = {"tls": HTTPS_TARGET}
    return [
        *plan_proxies(tenant, gateway.role, gateway.replicas, gateway.resources, ports, additions),
        _service(tenant, gateway),
        _gateway(tenant, gateway, services),
        _wrapping(tenant, gateway, services),
    ]


def _service(tenant: TenantSpec, gateway: EgressGatewaySpec) -> Body:
    name = gateway_name(tenant, gateway.role)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta(tenant, name, {labels.EXPORT_TO: ",".join(tenant.namespace_names)}),
        "spec": {
            "ports": [
                {
                    "appProtocol": "tls",
                    "name": "tls",
                    "port": EGRESS_GATEWAY,
                    "protocol": "TCP",
                    "targetPort": HTTPS_TARGET,
                }
            ],
            "selector": labels.gateway(tenant.name, gateway.role),
            "type": "ClusterIP",
        },
    }


def _gateway(tenant: TenantSpec, gateway: EgressGatewaySpec, services: _Services) -> networking.Gateway:
    """One server a host: a host's routes are found by its server's SNI."""
    servers: list[networking.GatewayServers] = [
        {
            "hosts": [f"{tenant.gateway_namespace}/{service.host}"],
            "port": {
                "name": f"{service.protocol.value}--{label_of_host(service.host)}",
                "number": EGRESS_GATEWAY,
                "protocol": "HTTPS" if service.protocol is ExternalProtocol.HTTPS else "TLS",
            },
            "tls": {"mode": "ISTIO_MUTUAL"},
        }
        for service in services
    ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": _meta(tenant, gateway_name(tenant, gateway.role)),
        "spec": {"selector": labels.gateway(tenant.name, gateway.role), "servers": servers},
    }


def _wrapping(tenant: TenantSpec, gateway: EgressGatewaySpec, services: _Services) -> networking.DestinationRule:
    """A subset a host, so that the mutual TLS to the gateway has that host as its SNI."""
    subsets: list[networking.DestinationRuleSubsets] = [
        {
            "name": label_of_host(service.host),
            "trafficPolicy": {
                "portLevelSettings": [
                    {"port": {"number": EGRESS_GATEWAY}, "tls": {"mode": "ISTIO_MUTUAL", "sni": service.host}}
                ]
            },
        }
        for service in services
    ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": _meta(tenant, gateway_name(tenant, gateway.role)),
        "spec": {"exportTo": tenant.namespace_names, "host": gateway_host(tenant, gateway), "subsets": subsets},
    }


def _entry(tenant: TenantSpec, service: ExternalServiceSpec) -> networking.ServiceEntry:
    ports: list[networking.ServiceEntryPorts] = [{"name": "tls", "number": service.port, "protocol": "TLS"}]
    if service.protocol is ExternalProtocol.HTTPS:
        ports = [
            {"name": "http", "number": PLAIN_HTTP, "protocol": "HTTP"},
            {"name": "https", "number": service.port, "protocol": "HTTPS"},
        ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": _meta(tenant, service.host),
        "spec": {
            "exportTo": tenant.namespace_names,
            "hosts": [service.host],
            "location": "MESH_EXTERNAL",
            "ports": ports,
            "resolution": "DNS",
        },
    }


def _route(tenant: TenantSpec, way: EgressGatewaySpec, service: ExternalServiceSpec) -> networking.VirtualService:
    gateway = f"{tenant.gateway_namespace}/{gateway_name(tenant, way.role)}"
    spec: networking.VirtualServiceSpec = {
        "exportTo": tenant.namespace_names,
        "gateways": ["mesh", gateway],
        "hosts": [service.host],
    }
    to_gateway: Any = {
        "destination": {
            "host": gateway_host(tenant, way),
            "port": {"number": EGRESS_GATEWAY},
            "subset": label_of_host(service.host),
        }
    }
    to_host: Any = {"destination": {"host": service.host, "port": {"number": service.port}}}
    if service.protocol is ExternalProtocol.HTTPS:
        spec["http"] = [
            {"match": [{"gateways": ["mesh"], "port": PLAIN_HTTP}], "route": [to_gateway]},
            {"match": [{"gateways": [gateway], "port": EGRESS_GATEWAY}], "route": [to_host]},
        ]
    else:
        match: networking.VirtualServiceTlsMatch = {
            "gateways": ["mesh"],
            "port": service.port,
            "sniHosts": [service.host],
        }
        spec["tls"] = [{"match": [match], "route": [to_gateway]}]
        spec["tcp"] = [{"match": [{"gateways": [gateway], "port": EGRESS_GATEWAY}], "route": [to_host]}]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": _meta(tenant, service.host),
        "spec": spec,
    }


def _origination(tenant: TenantSpec, service: ExternalServiceSpec) -> networking.DestinationRule:
    """TLS from the gateway to the host, whose certificate must be for that host and from a public authority."""
    tls: networking.DestinationRuleTrafficPolicyTls = {
        "caCertificates": _AUTHORITIES,
        "mode": "SIMPLE",
        "sni": service.host,
        "subjectAltNames": [service.host],
    }
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": _meta(tenant, joined("origination", label_of_host(service.host))),
        "spec": {
            "exportTo": tenant.namespace_names,
            "host": service.host,
            "trafficPolicy": {"portLevelSettings": [{"port": {"number": service.port}, "tls": tls}]},
        },
    }


def _meta(tenant: TenantSpec, name: str, annotations: dict[str, str] | None = None) -> Any:
    return metadata(tenant.name, "egress", name, tenant.gateway_namespace, annotations)
