"""How an App is reached through its tenant's ingress gateway: by URL path, or by SNI where TLS passes through."""

import itertools
from collections.abc import Iterable, Sequence

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
                "route": [{"destination": _destination(app, tenant, _port(app, routes[0]))}],
            }
        ]
    else:
        spec["http"] = [_http(app, tenant, port, matches) for port, matches in _by_port(_ways(app, routes))]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": metadata(app.tenant, "app", joined(app.name, label_of_host(host)), app.namespace),
        "spec": spec,
    }


_Way = tuple[tuple[int, int, str], int]
"""How specific a path is (exact before prefix, long before short), and the port that it leads to."""


def _ways(app: AppSpec, routes: Sequence[RouteSpec]) -> list[_Way]:
    """All paths, the most specific first: Istio takes the first that matches."""
    found: list[_Way] = []
    for route in routes:
        found += [((0, -len(path), path), _port(app, route)) for path in route.exact_paths]
        found += [((1, -len(path), path), _port(app, route)) for path in route.paths]
    return sorted(found)


def _by_port(ways: Sequence[_Way]) -> Iterable[tuple[int, list[networking.VirtualServiceHttpMatch]]]:
    """Neighbours that lead to one port, put together."""
    for port, group in itertools.groupby(ways, key=lambda way: way[1]):
        yield port, [match for (kind, _, path), _ in group for match in _matches(kind, path)]


def _matches(kind: int, path: str) -> Iterable[networking.VirtualServiceHttpMatch]:
    """Whole path segments, as Gateway API has it: the prefix `/api` is `/api` and all under `/api/`, not `/apiary`."""
    if kind == 0 or not path.endswith("/"):
        yield {"uri": {"exact": path}}
    if kind == 1:
        yield {"uri": {"prefix": path if path.endswith("/") else f"{path}/"}}


def _http(
    app: AppSpec, tenant: TenantSpec, port: int, matches: list[networking.VirtualServiceHttpMatch]
) -> networking.VirtualServiceHttp:
    return {"match": matches, "route": [{"destination": _destination(app, tenant, port)}]}


def _port(app: AppSpec, route: RouteSpec) -> int:
    return route.port or app.ports[0].port


def _destination(app: AppSpec, tenant: TenantSpec, port: int) -> networking.VirtualServiceHttpMirror:
    return {"host": f"{app.name}.{app.namespace}.svc.{tenant.mesh.cluster_domain}", "port": {"number": port}}
