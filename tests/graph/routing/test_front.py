"""From the outside: doors of Services and nodes, Istio's gateways, Gateway API, Ingress."""

import pytest

from tenantmesh.graph.flow import ContainerPort, Outside, Proxy, Request
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.objects import (
    cluster,
    deployment,
    gateway_api,
    gateway_pods,
    istio,
    layer,
    namespace,
    pod,
    service,
    to,
)

SHOP = deployment("b/shop") + service("b/shop")
B = pod("b/shop")
ANY = Outside()
GATE_PORTS = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "https", "port": 443, "targetPort": 8443}]
GATE = gateway_pods("g/gate") + service("g/gate", type="LoadBalancer", ports=GATE_PORTS)


def ask(host="shop.example", path="/", **more):
    return Request(port=8080, host=host, path=path, **more)


def answer(*texts, request=None, source=ANY, destination=B, **settings):
    return layer(SHOP, *texts, **settings).verdict(source, destination, request or ask()).answer


def gateway(name="g/gate", hosts=("*",), number=80, protocol="HTTP", **server):
    port = {"number": number, "name": protocol.lower(), "protocol": protocol}
    return istio("Gateway", name, selector={"app": "gate"}, servers=[{"hosts": list(hosts), "port": port, **server}])


def route(name="b/shop", hosts=("shop.example",), gateways=("g/gate",), **spec):
    rules = spec or {"http": [{"route": [to("shop.b.svc.cluster.local", 80)]}]}
    export = {"exportTo": rules.pop("exportTo")} if "exportTo" in rules else {}
    return istio("VirtualService", name, hosts=list(hosts), gateways=list(gateways), **export, **rules)


# Doors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, Answer.DENIED),
        ({"type": "NodePort"}, Answer.ALLOWED),
        ({"type": "LoadBalancer"}, Answer.ALLOWED),
        ({"externalIPs": ["1.2.3.4"]}, Answer.ALLOWED),
        ({"type": "LoadBalancer", "selector": {"app": "other"}}, Answer.DENIED),
        ({"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": 9090}]}, Answer.DENIED),
    ],
)
def test_services_that_are_open_to_the_outside(spec, expected):
    """https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types"""
    assert answer(service("b/open", **{"selector": {"app": "shop"}, **spec})) is expected


@pytest.mark.parametrize(
    ("address", "node_ports", "expected"),
    [
        ("10.0.0.1", False, Answer.ALLOWED),
        ("11.0.0.1", False, Answer.DENIED),
        ("11.0.0.1", True, Answer.ALLOWED),
        ("", False, Answer.ALLOWED),
    ],
)
def test_source_ranges_hold_at_the_balancer_only(address, node_ports, expected):
    """Where node ports are allocated too, the range does not keep anybody from those."""
    spec = {
        "loadBalancerSourceRanges": ["10.0.0.0/8"],
        "allocateLoadBalancerNodePorts": node_ports,
        "selector": {"app": "shop"},
    }
    assert answer(service("b/open", type="LoadBalancer", **spec), source=Outside(address=address)) is expected


def test_ports_and_network_of_the_node_are_open():
    spec = {"containers": [{"name": "app", "ports": [{"containerPort": 8080, "hostPort": 80}]}]}
    assert answer(destination=pod("b/shop", spec=spec)) is Answer.ALLOWED
    assert answer(destination=pod("b/shop", host_network=True)) is Answer.ALLOWED
    closed = {"containers": [{"name": "app", "ports": [{"containerPort": 8080}]}]}
    assert answer(destination=pod("b/shop", spec=closed)) is Answer.DENIED


def test_between_two_outsiders_nothing_is_routed():
    assert layer(SHOP).verdict(ANY, Outside(host="x"), ask()).answer is Answer.DENIED


# Istio's gateways ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "route_hosts", "asked", "expected"),
    [
        (["*"], ["shop.example"], "shop.example", Answer.ALLOWED),
        (["*"], ["shop.example"], "other.example", Answer.DENIED),
        (["*.example"], ["shop.example"], "shop.example", Answer.ALLOWED),
        (["*.example"], ["*"], "shop.example", Answer.ALLOWED),
        (["*.example"], ["*"], "shop.test", Answer.DENIED),
        (["shop.example"], ["*.example"], "a.example", Answer.DENIED),
        (["b/shop.example"], ["shop.example"], "SHOP.example", Answer.ALLOWED),
        (["c/shop.example"], ["shop.example"], "shop.example", Answer.DENIED),
        (["./shop.example"], ["shop.example"], "shop.example", Answer.DENIED),
        (["*/shop.example"], ["shop.example"], "shop.example", Answer.ALLOWED),
        (["other.test"], ["shop.example"], "", Answer.DENIED),
    ],
)
def test_a_request_needs_a_host_of_the_server_and_of_the_route(hosts, route_hosts, asked, expected):
    """https://istio.io/latest/docs/reference/config/networking/gateway/#Server"""
    assert answer(GATE, gateway(hosts=hosts), route(hosts=route_hosts), request=ask(asked)) is expected


def test_a_gateway_sees_what_is_exported_to_its_namespace():
    assert answer(GATE, gateway(), route(exportTo=["."], http=[{"route": [to("shop", 80)]}])) is Answer.DENIED
    assert answer(GATE, gateway(), route(exportTo=["g"], http=[{"route": [to("shop", 80)]}])) is Answer.ALLOWED
    private = layer(deployment("b/shop"), service("b/shop", "b"), GATE, gateway(), route())
    assert private.verdict(ANY, B, ask()).answer is Answer.DENIED


def test_a_server_that_redirects_sends_nothing_on():
    assert answer(GATE, gateway(tls={"httpsRedirect": True}), route()) is Answer.DENIED


def test_a_route_that_is_bound_elsewhere_or_to_sidecars_opens_nothing():
    assert answer(GATE, gateway(), route(gateways=["g/other"])) is Answer.DENIED
    assert answer(GATE, gateway(), route(gateways=["gate"])) is Answer.DENIED
    assert answer(GATE, gateway(), route(gateways=["mesh"])) is Answer.DENIED
    assert answer(GATE, gateway("b/gate"), route(gateways=["gate"])) is Answer.ALLOWED


def test_a_gateway_selects_pods_of_any_namespace_unless_the_mesh_scopes_it():
    """PILOT_SCOPE_GATEWAY_TO_NAMESPACE"""
    assert answer(GATE, gateway("b/gate"), route(gateways=["b/gate"])) is Answer.ALLOWED
    assert answer(GATE, gateway("b/gate"), route(gateways=["b/gate"]), gateways_scoped=True) is Answer.UNPROVEN


def test_a_gateway_that_is_not_open_lets_nobody_in():
    inner = gateway_pods("g/gate") + service("g/gate", ports=GATE_PORTS)
    assert answer(inner, gateway(), route()) is Answer.DENIED


def test_a_gateway_whose_pods_are_not_there_is_unproven():
    verdict = layer(SHOP, gateway(), route()).verdict(ANY, B, ask())
    assert verdict.answer is Answer.UNPROVEN
    assert "Gateway g/gate" in verdict.reason


def test_tls_that_passes_through_is_routed_by_server_name():
    tls = {
        "tls": [{"match": [{"port": 443, "sniHosts": ["shop.example"]}], "route": [to("shop.b.svc.cluster.local", 80)]}]
    }
    texts = (GATE, gateway(number=443, protocol="TLS", tls={"mode": "PASSTHROUGH"}), route(**tls))
    assert answer(*texts, request=ask(sni="shop.example")) is Answer.ALLOWED
    assert answer(*texts, request=ask(sni="other.example")) is Answer.DENIED
    ended = gateway(number=443, protocol="HTTPS", tls={"mode": "SIMPLE", "credentialName": "x"})
    assert answer(GATE, ended, route(**tls), request=ask(sni="shop.example")) is Answer.DENIED


def test_a_gateway_sends_on_what_its_routes_say_and_nothing_else():
    texts = (SHOP, GATE, gateway(), route(http=[{"match": [{"uri": {"prefix": "/a"}}], "route": [to("shop", 80)]}]))
    built = layer(*texts)
    gate = pod("g/gate", proxy=Proxy.GATEWAY)
    assert built.verdict(gate, B, ask(path="/a")).answer is Answer.ALLOWED
    assert built.verdict(gate, B, ask(path="/b")).answer is Answer.DENIED
    assert built.verdict(gate, pod("b/other"), ask(path="/a")).answer is Answer.DENIED
    assert built.verdict(gate, Outside(host="x.example"), ask()).answer is Answer.DENIED


def test_a_gateway_that_is_written_out_is_known_by_its_arguments():
    spec = {"containers": [{"name": "istio-proxy", "args": ["proxy", "router"], "ports": [{"containerPort": 8080}]}]}
    written = deployment("g/gate", labels={"sidecar.istio.io/inject": "false"}, spec=spec)
    door = service("g/gate", type="LoadBalancer", ports=GATE_PORTS)
    assert answer(written, door, gateway(), route()) is Answer.ALLOWED


# Gateway API -----------------------------------------------------------------------------------------------------


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


def test_a_gateway_without_a_balancer_lets_nobody_in():
    front = api_gateway(allowed={"from": "All"}).replace(
        "  name: front", "  name: front\n  annotations: {networking.istio.io/service-type: ClusterIP}"
    )
    assert answer(front, api_route()) is Answer.DENIED


# Ingress ---------------------------------------------------------------------------------------------------------


def ingress(host="shop.example", path="/", kind="Prefix", port=None):
    backend = {"service": {"name": "shop", "port": port or {"number": 80}}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
    return istio("Ingress", "b/shop", rules=[rule]).replace("networking.istio.io/v1", "networking.k8s.io/v1")


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        (ingress(), ask(), Answer.ALLOWED),
        (ingress(port={"name": "http"}), ask(), Answer.ALLOWED),
        (ingress(port={"number": 81}), ask(), Answer.DENIED),
        (ingress(), ask("other.example"), Answer.DENIED),
        (ingress("*.example"), ask("a.example"), Answer.ALLOWED),
        (ingress(path="/api"), ask(path="/apiary"), Answer.DENIED),
        (ingress(path="/api", kind="Exact"), ask(path="/api/x"), Answer.DENIED),
        (ingress(path="/a", kind="ImplementationSpecific"), ask(path="/a"), Answer.UNPROVEN),
    ],
)
def test_an_ingress_leads_to_services_beside_it(text, request_, expected):
    """https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types"""
    assert answer(text, request=request_) is expected


def test_a_container_port_is_not_a_door():
    real = cluster(SHOP).workloads["b"][0]
    assert real.ports == (ContainerPort(number=8080, name="web"),)
    assert answer(destination=real) is Answer.DENIED
