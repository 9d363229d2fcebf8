"""How an App is reached: through its tenant's ingress gateways by URL path or by SNI, and by workloads that call it."""

import itertools
from collections.abc import Iterable, Sequence

from tenantmesh.manifest import Body
from tenantmesh.plan.destinations import service_host
from tenantmesh.plan.gateway import gateway_reference
from tenantmesh.plan.grants import export_to
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.requests import Path, exactly, http_routes, under
from tenantmesh.plan.streams import plan_streams, way_name
from tenantmesh.spec.app import AppSpec, RouteSpec
from tenantmesh.spec.gateway import ClientTls, IngressSpec
from tenantmesh.spec.tenant import TenantSpec
from tenantmesh.spec.traffic import TrafficSpec

_ALIKE = TrafficSpec()


def plan_routes(app: AppSpec, tenant: TenantSpec) -> list[Body]:
    """A VirtualService for each host and gateway that the App is reached by, and for its Service where it has rules."""
    inside = [_inside(app, tenant, app.traffic)] if app.traffic and (app.traffic.rules or app.traffic.canary) else []
    return [*inside, *(body for ingress in tenant.ingresses for body in _from_outside(app, tenant, ingress))]


def _from_outside(app: AppSpec, tenant: TenantSpec, ingress: IngressSpec) -> list[Body]:
    apart = plan_streams(app, tenant, ingress)
    routes = [route for route in app.through(ingress.called) if not apart or route not in app.streams]
    hosts = sorted({route.host for route in routes})
    return [*apart, *(_virtual_service(app, tenant, ingress, host) for host in hosts)]


def _inside(app: AppSpec, tenant: TenantSpec, traffic: TrafficSpec) -> networking.VirtualService:
    """The rules for workloads that call the Service; without a port in its destinations each port keeps its own."""
    host = service_host(app, tenant)
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": metadata(app.tenant, "app", app.name, app.namespace),
        "spec": {
            "exportTo": list(export_to(tenant, app.name, app.part)),
            "gateways": ["mesh"],
            "hosts": [host],
            "http": http_routes(traffic, {"host": host}),
        },
    }


def _virtual_service(app: AppSpec, tenant: TenantSpec, ingress: IngressSpec, host: str) -> networking.VirtualService:
    routes = [route for route in app.through(ingress.called) if route.host == host]
    spec: networking.VirtualServiceSpec = {
        "exportTo": tenant.namespace_names,
        "gateways": [gateway_reference(tenant, ingress)],
        "hosts": [host],
    }
    if ingress.client_tls is ClientTls.PASSTHROUGH:
        spec["tls"] = [
            {
                "match": [{"port": ingress.https_port, "sniHosts": [host]}],
                "route": [{"destination": _destination(app, tenant, _port(app, routes[0]))}],
            }
        ]
    else:
        spec["http"] = [
            http
            for port, opened in _by_port(_ways(app, routes))
            for http in http_routes(app.traffic or _ALIKE, _destination(app, tenant, port), opened)
        ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": metadata(app.tenant, "app", way_name(app, tenant, ingress, host), app.namespace),
        "spec": spec,
    }


_Way = tuple[tuple[bool, int, str], int]
"""How specific a path is (exact before prefix, long before short), and the port that it leads to."""


def _ways(app: AppSpec, routes: Sequence[RouteSpec]) -> list[_Way]:
    """All paths, the most specific first: Istio takes the first that matches."""
    found: list[_Way] = []
    for route in routes:
        found += [((False, -len(path), path), _port(app, route)) for path in route.exact_paths]
        found += [((True, -len(path), path), _port(app, route)) for path in route.paths]
    return sorted(found)


def _by_port(ways: Sequence[_Way]) -> Iterable[tuple[int, list[Path]]]:
    """Neighbours that lead to one port, put together."""
    for port, group in itertools.groupby(ways, key=lambda way: way[1]):
        yield port, [one for (wide, _, path), _ in group for one in (under(path) if wide else exactly(path))]


def _port(app: AppSpec, route: RouteSpec) -> int:
    return app.port_of(route).port


def _destination(app: AppSpec, tenant: TenantSpec, port: int) -> networking.VirtualServiceHttpMirror:
    return {"host": service_host(app, tenant), "port": {"number": port}}
