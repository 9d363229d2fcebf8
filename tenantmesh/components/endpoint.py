"""Where a tenant's ingress gateways are reached, read from their Services."""

from typing import Any

import pulumi

from tenantmesh.components.objects import Objects
from tenantmesh.plan.proxies import gateway_name
from tenantmesh.spec.gateway import ClientTls, IngressSpec
from tenantmesh.spec.tenant import TenantSpec

Endpoint = tuple[pulumi.Output[str], pulumi.Output[str], pulumi.Output[dict[str, int]]]
"""The URL of the first host, the gateway's address, and its ports on every node by name."""

_STANDARD_PORTS = {"http": 80, "https": 443}


def endpoint_of(tenant: TenantSpec, objects: Objects) -> Endpoint:
    """The endpoint of a tenant whose `objects` are registered; empty values without ingress."""
    if tenant.ingress is None:
        return pulumi.Output.from_input(""), pulumi.Output.from_input(""), pulumi.Output.from_input({})
    service = _service(tenant, tenant.ingress, objects)
    return pulumi.Output.from_input(_url(tenant.ingress)), service.status.apply(_address), service.spec.apply(_ports)


def addresses_of(tenant: TenantSpec, objects: Objects) -> pulumi.Output[dict[str, str]]:
    """The address of each further gateway, by its name."""
    found = {one.name: _service(tenant, one, objects).status.apply(_address) for one in tenant.further}
    # Without any, `all` gives a list.
    return pulumi.Output.all(**found) if found else pulumi.Output.from_input({})


def _service(tenant: TenantSpec, ingress: IngressSpec, objects: Objects) -> Any:
    name = gateway_name(tenant, ingress.role)
    return next(made for key, made in objects.items() if (key.kind, key.name) == ("Service", name))


def _url(ingress: IngressSpec) -> str:
    scheme, port = (
        ("http", ingress.http_port) if ingress.client_tls is ClientTls.NONE else ("https", ingress.https_port)
    )
    host = next((host for host in ingress.hosts if not host.startswith("*")), ingress.hosts[0])
    return f"{scheme}://{host}" if port == _STANDARD_PORTS[scheme] else f"{scheme}://{host}:{port}"


def _address(status: Any) -> str:
    ingress = ((status or {}).get("loadBalancer") or {}).get("ingress") or [{}]
    return ingress[0].get("ip") or ingress[0].get("hostname") or ""


def _ports(spec: Any) -> dict[str, int]:
    return {port["name"]: port["nodePort"] for port in (spec or {}).get("ports", []) if "nodePort" in port}
