"""Routes from a tenant's ingress gateway to its Apps."""

WEB = {"image": "web:1", "ports": [{"port": 8080}]}
TENANT = {"domain": "acme.example.com", "ingress": {}, "namespaces": [{"name": "shop"}]}


def route(planned_app, *routes, tenant=TENANT, **args):
    plan = planned_app({**WEB, "routes": list(routes), **args}, tenant)
    return plan.spec(
        "VirtualService", "web--acme-example-com", f"acme--{args['namespace']}" if "namespace" in args else "acme"
    )


def test_a_route_goes_from_the_tenants_gateway_to_the_app(planned_app):
    assert route(planned_app, {"host": "acme.example.com"}, namespace="shop") == {
        "exportTo": ["acme", "acme--shop"],
        "gateways": ["acme/acme-ingress"],
        "hosts": ["acme.example.com"],
        "http": [
            {
                "match": [{"uri": {"prefix": "/"}}],
                "route": [{"destination": {"host": "web.acme--shop.svc.cluster.local", "port": {"number": 8080}}}],
            }
        ],
    }


def test_a_prefix_is_of_whole_path_segments(planned_app):
    """`/api` is `/api` and `/api/…`, not `/apiary`."""
    spec = route(planned_app, {"host": "acme.example.com", "paths": ["/api", "/static/"]})
    assert spec["http"][0]["match"] == [
        {"uri": {"prefix": "/static/"}},
        {"uri": {"exact": "/api"}},
        {"uri": {"prefix": "/api/"}},
    ]


def test_an_exact_path_lets_nothing_else_in(planned_app):
    spec = route(planned_app, {"host": "acme.example.com", "exact_paths": ["/login"]})
    assert spec["http"][0]["match"] == [{"uri": {"exact": "/login"}}]


def test_the_most_specific_path_of_a_host_comes_first(planned_app):
    """Istio takes the first that matches, so `/` must not stand before `/admin`."""
    ports = [{"port": 8080}, {"port": 9090, "name": "admin"}]
    routes = [
        {"host": "acme.example.com"},
        {"host": "acme.example.com", "paths": ["/admin"], "port": 9090},
        {"host": "acme.example.com", "exact_paths": ["/admin/public"]},
    ]
    spec = route(planned_app, *routes, ports=ports)
    found = [(one["match"][0]["uri"], one["route"][0]["destination"]["port"]["number"]) for one in spec["http"]]
    assert found == [({"exact": "/admin/public"}, 8080), ({"exact": "/admin"}, 9090), ({"prefix": "/"}, 8080)]


def test_where_tls_passes_through_the_sni_decides(planned_app):
    tenant = {"domain": "acme.example.com", "ingress": {"client_tls": "passthrough", "https_port": 6443}}
    spec = route(planned_app, {"host": "acme.example.com"}, tenant=tenant)
    assert spec["tls"][0]["match"] == [{"port": 6443, "sniHosts": ["acme.example.com"]}]
    assert "http" not in spec
