"""From the outside through Gateway API: listeners, routes, backends and who lets whom."""

import pytest

from tenantmesh.graph.flow import Request
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.objects import born, deployment, gateway_api, istio, layer, namespace, pod, service, to
from tests.graph.routing.outside import ANY, SHOP, B, answer, ask


def api_gateway(name="g/front", allowed=None, **listener):
    entry = {"name": "http", "port": 80, "protocol": "HTTP", **listener}
    if allowed is not None:
        entry["allowedRoutes"] = {"namespaces": allowed}
    return gateway_api("Gateway", name, gatewayClassName="istio", listeners=[entry])


def api_route(name="b/shop", kind="HTTPRoute", parent=None, backend=None, **rest):
    parent = {"name": "front", "namespace": "g", **(parent or {})}
    rule = {"backendRefs": [{"name": "shop", "port": 80, **(backend or {})}], **rest.pop("rule", {})}
    return gateway_api(kind, name, parentRefs=[parent], rules=[rule], **rest)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (None, Answer.DENIED),
        ({"from": "Same"}, Answer.DENIED),
        ({"from": "None"}, Answer.DENIED),
        ({"from": "All"}, Answer.ALLOWED),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "b"}}}, Answer.ALLOWED),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "c"}}}, Answer.DENIED),
    ],
)
def test_a_listener_says_which_namespaces_may_attach(allowed, expected):
    """https://gateway-api.sigs.k8s.io/reference/spec/#allowedroutes"""
    assert answer(namespace("b", team="b"), api_gateway(allowed=allowed), api_route()) is expected


@pytest.mark.parametrize(
    ("listener", "hostnames", "asked", "expected"),
    [
        ({}, [], "any.example", Answer.ALLOWED),
        ({"hostname": "*.example"}, [], "a.example", Answer.ALLOWED),
        ({"hostname": "*.example"}, [], "a.test", Answer.DENIED),
        ({"hostname": "*.example"}, ["shop.example", "shop.test"], "shop.test", Answer.DENIED),
        ({"hostname": "*.example"}, ["shop.example"], "shop.example", Answer.ALLOWED),
        ({"hostname": "shop.example"}, ["*.example"], "a.example", Answer.DENIED),
    ],
)
def test_hosts_are_those_of_listener_and_route_both(listener, hostnames, asked, expected):
    texts = (api_gateway(allowed={"from": "All"}, **listener), api_route(hostnames=hostnames))
    assert answer(*texts, request=ask(asked)) is expected


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ({"sectionName": "http"}, Answer.ALLOWED),
        ({"sectionName": "https"}, Answer.DENIED),
        ({"port": 80}, Answer.ALLOWED),
        ({"port": 81}, Answer.DENIED),
        ({"namespace": "b"}, Answer.DENIED),
        ({"kind": "ListenerSet"}, Answer.DENIED),
    ],
)
def test_a_parent_is_named_to_the_listener(parent, expected):
    assert answer(api_gateway(allowed={"from": "All"}), api_route(parent=parent)) is expected


def grant(**to_):
    source = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "c"}
    return gateway_api("ReferenceGrant", "b/let", **{"from": [source], "to": [{"group": "", "kind": "Service", **to_}]})


def test_a_backend_of_another_namespace_needs_its_grant():
    """https://gateway-api.sigs.k8s.io/api-types/referencegrant/"""
    texts = (api_gateway(allowed={"from": "All"}), api_route("c/steal", backend={"namespace": "b"}))
    assert answer(*texts) is Answer.DENIED
    assert answer(*texts, grant()) is Answer.ALLOWED
    assert answer(*texts, grant(name="shop")) is Answer.ALLOWED
    assert answer(*texts, grant(name="other")) is Answer.DENIED
    assert answer(*texts, grant(kind="Secret")) is Answer.DENIED


def test_a_certificate_of_another_namespace_needs_its_grant_too():
    tls = {"certificateRefs": [{"name": "cert", "namespace": "certs"}]}
    front = api_gateway(allowed={"from": "All"}, protocol="HTTPS", port=443, tls=tls)
    assert answer(front, api_route()) is Answer.DENIED
    own = api_gateway(allowed={"from": "All"}, protocol="HTTPS", port=443, tls={"certificateRefs": [{"name": "cert"}]})
    assert answer(own, api_route()) is Answer.ALLOWED


@pytest.mark.parametrize(
    ("rule", "path", "expected"),
    [
        ({"matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]}, "/api/x", Answer.ALLOWED),
        ({"matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]}, "/apiary", Answer.DENIED),
        ({"matches": [{"path": {"type": "Exact", "value": "/api"}}]}, "/api/", Answer.DENIED),
        ({"matches": [{"method": "POST"}]}, "/", Answer.DENIED),
        ({"matches": [{"headers": [{"name": "a", "value": "b"}]}]}, "/", Answer.DENIED),
        ({"filters": [{"type": "RequestRedirect", "requestRedirect": {}}]}, "/", Answer.DENIED),
        ({"filters": [{"type": "ExtensionRef", "extensionRef": {"name": "x"}}]}, "/", Answer.UNPROVEN),
        ({"backendRefs": [{"name": "shop", "port": 80, "weight": 0}]}, "/", Answer.DENIED),
        ({"backendRefs": [{"name": "x", "kind": "InferencePool", "group": "x.io"}]}, "/", Answer.UNPROVEN),
        (
            {
                "backendRefs": [],
                "filters": [{"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "shop", "port": 80}}}],
            },
            "/",
            Answer.ALLOWED,
        ),
    ],
)
def test_rules_of_an_http_route(rule, path, expected):
    texts = (api_gateway(allowed={"from": "All"}), api_route(rule=rule))
    # A backend of an unknown kind leads nobody can tell where, so another route shows what is unproven.
    assert (
        answer(
            *texts,
            api_route("b/z", rule={"matches": [{"path": {"type": "Exact", "value": "/z"}}]}),
            request=ask(path=path),
        )
        is expected
    )


def test_the_most_specific_rule_takes_a_request():
    """Whatever the order in which rules are written."""
    wide = {"backendRefs": [{"name": "other", "port": 80}]}
    narrow = {"matches": [{"path": {"type": "Exact", "value": "/x"}}], "backendRefs": [{"name": "shop", "port": 80}]}
    both = gateway_api("HTTPRoute", "b/shop", parentRefs=[{"name": "front", "namespace": "g"}], rules=[wide, narrow])
    texts = (api_gateway(allowed={"from": "All"}), both)
    assert answer(*texts, request=ask(path="/x")) is Answer.ALLOWED
    assert answer(*texts, request=ask(path="/y")) is Answer.DENIED


@pytest.mark.parametrize("parent", [{}, {"group": "", "kind": "Service", "name": "api", "namespace": "a"}])
def test_routes_of_one_host_are_merged_whatever_their_age(parent):
    """https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule: the more specific rule comes first."""
    wide, narrow = ({"matches": [{"path": {"type": "PathPrefix", "value": path}}]} for path in ("/x", "/x/y"))
    older = born(api_route("b/older", parent=parent, backend={"name": "other"}, rule=wide), "2026-01-01")
    younger = born(api_route("b/younger", parent=parent, rule=narrow), "2026-02-01")
    texts = (SHOP, service("a/api"), api_gateway(allowed={"from": "All"}), older, younger)
    source = pod("b/web") if parent else ANY
    asked = ask("api.a.svc.cluster.local" if parent else "shop.example", "/x/y")
    built = layer(*texts, registry_only=True)
    assert "b/shop" in {str(one.destination) for one in built.resolve(source, asked.host, 80, asked).arrivals}
    assert built.verdict(source, B, asked).answer is Answer.ALLOWED


def test_grpc_routes_go_by_service_and_method():
    rule = {"matches": [{"method": {"service": "shop.Shop", "method": "Buy"}}]}
    texts = (api_gateway(allowed={"from": "All"}), api_route(kind="GRPCRoute", rule=rule))
    assert answer(*texts, request=ask(path="/shop.Shop/Buy", method="POST")) is Answer.ALLOWED
    assert answer(*texts, request=ask(path="/shop.Shop/Sell", method="POST")) is Answer.DENIED


@pytest.mark.parametrize(("kind", "protocol"), [("TLSRoute", "TLS"), ("TCPRoute", "TCP")])
def test_routes_by_connection(kind, protocol):
    tls = {"tls": {"mode": "Passthrough"}} if protocol == "TLS" else {}
    front = api_gateway(allowed={"from": "All"}, protocol=protocol, port=443, **tls)
    assert answer(front, api_route(kind=kind), request=ask(method="")) is Answer.ALLOWED
    assert answer(front, api_route(kind="HTTPRoute"), request=ask(method="")) is Answer.DENIED


def test_a_listener_set_adds_listeners_where_the_gateway_lets_it():
    def texts(**more):
        front = gateway_api("Gateway", "g/front", gatewayClassName="istio", listeners=[], **more)
        listener = {"name": "http", "port": 80, "protocol": "HTTP"}
        added = gateway_api(
            "ListenerSet", "b/more", parentRef={"name": "front", "namespace": "g"}, listeners=[listener]
        )
        return front, added, api_route(parent={"kind": "ListenerSet", "name": "more", "namespace": "b"})

    assert answer(*texts()) is Answer.DENIED
    assert answer(*texts(allowedListeners={"namespaces": {"from": "All"}})) is Answer.ALLOWED


def test_a_route_of_a_service_acts_on_sidecars():
    """https://gateway-api.sigs.k8s.io/mesh/: a producer's route acts on all, a consumer's on its own namespace."""

    def moved(place):
        parent = {"group": "", "kind": "Service", "name": "api", "namespace": "a"}
        backend = {"namespace": "b", "name": "shop"}
        return layer(
            SHOP,
            deployment("a/api"),
            service("a/api"),
            api_route(f"{place}/move", parent=parent, backend=backend),
            registry_only=True,
        )

    request = Request(port=8080, host="api.a.svc.cluster.local")
    assert moved("a").verdict(pod("x/web"), B, request).answer is Answer.ALLOWED
    assert moved("c").verdict(pod("c/web"), B, request).answer is Answer.ALLOWED
    assert moved("c").verdict(pod("x/web"), B, request).answer is Answer.DENIED


def test_a_route_of_a_service_that_is_not_there_says_nothing_of_a_host_of_its_name():
    parent = {"group": "", "kind": "Service", "name": "api", "namespace": "a"}
    away = api_route("a/away", parent=parent, backend={"name": "other"})
    ports = [{"number": 80, "name": "http", "protocol": "HTTP", "targetPort": 8080}]
    entry = {"hosts": ["api.a.svc.cluster.local"], "location": "MESH_INTERNAL", "resolution": "STATIC", "ports": ports}
    there = istio("ServiceEntry", "b/api", workloadSelector={"labels": {"app": "shop"}}, **entry)
    built = layer(SHOP, there, away, registry_only=True)
    assert built.verdict(pod("a/web"), B, Request(port=8080, host="api.a.svc.cluster.local")).answer is Answer.ALLOWED


def test_of_a_route_of_a_service_and_a_virtual_service_any_may_decide():
    parent = {"group": "", "kind": "Service", "name": "shop", "namespace": "b"}
    away = api_route("a/away", parent=parent, backend={"name": "other", "namespace": "b"})
    own = istio("VirtualService", "b/own", hosts=["shop"], http=[{"route": [to("shop")]}])
    built = layer(SHOP, away, own, registry_only=True)
    assert built.verdict(pod("a/web"), B, Request(port=8080, host="shop.b")).answer is Answer.ALLOWED


def test_a_route_of_a_service_for_another_namespace_keeps_wider_ones_from_it():
    parent = {"group": "", "kind": "Service", "name": "shop", "namespace": "b"}
    others = api_route("c/others", parent=parent, backend={"name": "shop", "namespace": "b"})
    wide = istio(
        "VirtualService", "b/wide", hosts=["*.b.svc.cluster.local"], http=[{"directResponse": {"status": 403}}]
    )
    request = Request(port=8080, host="shop.b")
    for texts, expected in (((wide, others), Answer.ALLOWED), ((wide,), Answer.DENIED)):
        assert layer(SHOP, *texts, registry_only=True).verdict(pod("a/web"), B, request).answer is expected


def test_of_routes_at_one_gateway_none_hides_another_by_its_host():
    """A listener for the narrower host may be the one that takes the request, whatever is bound to others."""
    wide = api_route("b/wide", hostnames=["*.example"])
    narrow = api_route("b/narrow", backend={"name": "other"}, hostnames=["shop.example"])
    assert answer(api_gateway(allowed={"from": "All"}), wide, narrow) is Answer.ALLOWED


def test_a_gateway_without_a_balancer_lets_nobody_in():
    front = api_gateway(allowed={"from": "All"}).replace(
        "  name: front", "  name: front\n  annotations: {networking.istio.io/service-type: ClusterIP}"
    )
    assert answer(front, api_route()) is Answer.DENIED
