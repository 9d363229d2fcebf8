"""How an App is reached through its tenant's ingress gateway: by URL path, or by SNI where TLS passes through."""

from collections.abc import Iterable

from tenantmesh.manifest import Body
from tenantmesh.plan.gateway import gateway_reference
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.spec.app import AppSpec, RouteSpec
from tenantmesh.spec.gateway import ClientTls
from tenantmesh.spec.names import joined, label_of_host
from tenantmesh.spec.tenant import TenantSpec


def plan_routes(app: AppSpec, tenant: TenantSpec) -> list[Body]:
    """A VirtualService for each host that the App is reached by."""
    hosts = sorted({route.host for route in app.routes})
    return [_virtual_service(app, tenant, host) for host in hosts]


def _virtual_service(app: AppSpec, tenant: TenantSpec, host: str) -> networking.VirtualService:
    routes = [route for route in app.routes if route.host == host]
    spec: networking.VirtualServiceSpec = {
        "exportTo": tenant.namespace_names,
        "gateways": [gateway_reference(tenant)],
        "hosts": [host],
    }
    if tenant.ingress and tenant.ingress.client_tls is ClientTls.PASSTHROUGH:
        spec["tls"] = [
            {
                "match": [{"port": tenant.ingress.https_port, "sniHosts": [host]}],
                "route": [{"destination": _destination(app, tenant, routes[0])}],
            }
        ]
    else:
        spec["http"] = [_http(app, tenant, route) for route in routes]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": metadata(app.tenant, "app", joined(app.name, label_of_host(host)), app.namespace),
        "spec": spec,
    }


def _http(app: AppSpec, tenant: TenantSpec, route: RouteSpec) -> networking.VirtualServiceHttp:
    destination = _destination(app, tenant, route)
    return {"match": list(_matches(route)), "route": [{"destination": destination}]}


def _matches(route: RouteSpec) -> Iterable[networking.VirtualServiceHttpMatch]:
    """Whole path segments, as Gateway API has it: `/api` is `/api` and all under `/api/`, not `/apiary`."""
    for path in route.exact_paths:
        yield {"uri": {"exact": path}}
    for path in route.paths:
        if not path.endswith("/"):
            yield {"uri": {"exact": path}}
        yield {"uri": {"prefix": path if path.endswith("/") else f"{path}/"}}


def _destination(app: AppSpec, tenant: TenantSpec, route: RouteSpec) -> networking.VirtualServiceHttpMirror:
    return {
        "host": f"{app.name}.{app.namespace}.svc.{tenant.mesh.cluster_domain}",
        "port": {"number": route.port or app.ports[0].port},
    }
