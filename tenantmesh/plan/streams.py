"""How an App's TCP ports are reached through the tenant's ingress gateways: by the name in the TLS handshake (SNI)."""

from collections.abc import Iterable
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.certificates import tcp_clients, tcp_secret_name
from tenantmesh.plan.destinations import service_host
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.proxies import gateway_name
from tenantmesh.spec import labels
from tenantmesh.spec.app import AppSpec, RouteSpec
from tenantmesh.spec.gateway import MAIN, ClientTls, IngressSpec
from tenantmesh.spec.names import joined, label_of_host
from tenantmesh.spec.tenant import TenantSpec

_MODES: dict[ClientTls, Any] = {
    ClientTls.SIMPLE: "SIMPLE",
    ClientTls.MUTUAL: "MUTUAL",
    ClientTls.PASSTHROUGH: "PASSTHROUGH",
}


def plan_streams(app: AppSpec, tenant: TenantSpec, ingress: IngressSpec) -> list[Body]:
    """For each host of a TCP port, a server of its own on the gateway's HTTPS port, and the way from there.

    Envoy takes the most specific SNI, so the host's server comes before that of the ingress's wildcard. Nothing where
    the gateway does not end TLS itself.
    """
    streams = [route for route in app.through(ingress.called) if route in app.streams] if ingress.certified else []
    return [body for route in streams for body in _stream(app, tenant, ingress, route)]


def way_name(app: AppSpec, tenant: TenantSpec, ingress: IngressSpec, host: str) -> str:
    """What the way to an App by one host through one gateway is called.

    No App has a gateway's name, so that what begins with one is no App's way through the main gateway.
    """
    way = (app.name, label_of_host(host))
    return joined(gateway_name(tenant, MAIN), ingress.name, *way) if ingress.name else joined(*way)


def _stream(app: AppSpec, tenant: TenantSpec, ingress: IngressSpec, route: RouteSpec) -> Iterable[Body]:
    name = way_name(app, tenant, ingress, route.host)
    server: networking.GatewayServers = {
        "hosts": [f"{app.namespace}/{route.host}"],
        "port": {"name": label_of_host(route.host), "number": ingress.https_port, "protocol": "TLS"},
        "tls": _tls(tenant, ingress, route.host),
    }
    gateway: networking.Gateway = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": metadata(app.tenant, "app", name, tenant.gateway_namespace),
        "spec": {"selector": labels.gateway(tenant.name, ingress.role), "servers": [server]},
    }
    yield gateway
    yield _way(app, tenant, ingress, route, name)


def _tls(tenant: TenantSpec, ingress: IngressSpec, host: str) -> networking.GatewayServersTls:
    mode = ingress.tcp_tls(host).mode
    made: networking.GatewayServersTls = {"mode": _MODES[mode]} if mode else {}
    if secret := tcp_secret_name(tenant, ingress, host):
        made["credentialName"] = secret
        made["minProtocolVersion"] = "TLSV1_2"
    if clients := tcp_clients(tenant, ingress, host):
        made["subjectAltNames"] = clients
    return made


def _way(
    app: AppSpec, tenant: TenantSpec, ingress: IngressSpec, route: RouteSpec, name: str
) -> networking.VirtualService:
    to: networking.VirtualServiceTcpRoute = {
        "destination": {"host": service_host(app, tenant), "port": {"number": app.port_of(route).port}}
    }
    spec: networking.VirtualServiceSpec = {
        "exportTo": tenant.namespace_names,
        "gateways": [f"{tenant.gateway_namespace}/{name}"],
        "hosts": [route.host],
    }
    if ingress.tcp_tls(route.host).mode is ClientTls.PASSTHROUGH:
        spec["tls"] = [{"match": [{"port": ingress.https_port, "sniHosts": [route.host]}], "route": [to]}]
    else:
        spec["tcp"] = [{"match": [{"port": ingress.https_port}], "route": [to]}]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": metadata(app.tenant, "app", name, app.namespace),
        "spec": spec,
    }
