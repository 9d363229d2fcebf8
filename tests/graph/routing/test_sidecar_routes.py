"""Routes of sidecars: whom a VirtualService sends where, past imports, by its conditions and its age."""

import pytest

from tenantmesh.graph.flow import Request
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.asking import ASK, CLOSED, OPEN, SHOP, A, B, answer
from tests.graph.routing.objects import born, deployment, istio, layer, pod, service, sidecar, to


def test_a_route_leads_to_services_that_are_exported_but_not_imported():
    """A Sidecar does not keep out what a VirtualService of its own namespace names."""
    route = istio(
        "VirtualService", "a/mine", hosts=["mine.example"], http=[{"route": [to("shop.b.svc.cluster.local")]}]
    )
    assert answer(service("b/shop"), CLOSED, route) is Answer.ALLOWED
    assert answer(service("b/shop", "b"), CLOSED, route) is Answer.DENIED


def test_a_route_of_another_namespace_acts_on_all_who_see_it():
    """ISTIO-SECURITY-2026-002: c routes a's calls of its own service to itself."""
    texts = (deployment("c/trap"), service("c/trap"), service("a/api"), sidecar("a", "*/*"))
    stolen = {"hosts": ["api.a.svc.cluster.local"], "http": [{"route": [to("trap.c.svc.cluster.local", 80)]}]}
    request = Request(port=8080, host="api.a.svc.cluster.local")
    for export, expected in ((["*"], Answer.ALLOWED), (["."], Answer.DENIED), (["a"], Answer.ALLOWED)):
        built = layer(*texts, istio("VirtualService", "c/steal", exportTo=export, **stolen))
        assert built.verdict(A, pod("c/trap"), request).answer is expected


def test_a_route_decides_where_its_host_goes():
    """With a route for its host, a service gets only what a rule sends it."""
    away = istio(
        "VirtualService",
        "b/shop",
        hosts=["shop"],
        http=[{"match": [{"uri": {"prefix": "/v1"}}], "route": [to("shop")]}, {"directResponse": {"status": 404}}],
    )
    built = layer(SHOP, service("b/shop"), OPEN, away)
    assert built.verdict(A, B, Request(port=8080, path="/v1/x")).answer is Answer.ALLOWED
    denied = built.verdict(A, B, Request(port=8080, path="/v2"))
    assert denied.answer is Answer.DENIED
    assert any("answers by itself" in one.reason for one in denied.evidence)


@pytest.mark.parametrize(
    ("match", "request_", "expected"),
    [
        ({"uri": {"exact": "/x"}}, Request(port=8080, path="/x?y=1"), Answer.ALLOWED),
        ({"uri": {"exact": "/x"}}, Request(port=8080, path="/X"), Answer.DENIED),
        ({"uri": {"exact": "/x"}, "ignoreUriCase": True}, Request(port=8080, path="/X"), Answer.ALLOWED),
        ({"uri": {"regex": "/a.*"}}, Request(port=8080, path="/abc"), Answer.ALLOWED),
        ({"uri": {"regex": "/a"}}, Request(port=8080, path="/abc"), Answer.DENIED),
        ({"uri": {"regex": "("}}, Request(port=8080), Answer.UNPROVEN),
        ({"method": {"exact": "POST"}}, Request(port=8080), Answer.DENIED),
        ({"headers": {"X-A": {"exact": "1"}}}, Request(port=8080, headers={"x-a": "1"}), Answer.ALLOWED),
        ({"headers": {"x-a": {}}}, Request(port=8080), Answer.DENIED),
        ({"withoutHeaders": {"x-a": {}}}, Request(port=8080), Answer.ALLOWED),
        ({"withoutHeaders": {"x-a": {}}}, Request(port=8080, headers={"x-a": "1"}), Answer.DENIED),
        ({"queryParams": {"v": {"exact": "2"}}}, Request(port=8080, path="/?v=2"), Answer.ALLOWED),
        ({"queryParams": {"v": {"exact": "2"}}}, Request(port=8080, path="/?v=3"), Answer.DENIED),
        ({"sourceNamespace": "a"}, ASK, Answer.ALLOWED),
        ({"sourceLabels": {"app": "web"}}, ASK, Answer.ALLOWED),
        ({"port": 80}, ASK, Answer.ALLOWED),
        ({"gateways": ["mesh"]}, ASK, Answer.ALLOWED),
        ({"authority": {"exact": "shop"}}, Request(port=8080, host="shop.b"), Answer.DENIED),
    ],
)
def test_conditions_of_http_rules(match, request_, expected):
    """https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest"""
    gateways = {"gateways": ["mesh", "b/gate"]}
    route = istio(
        "VirtualService", "b/shop", hosts=["shop"], http=[{"match": [match], "route": [to("shop")]}], **gateways
    )
    assert answer(service("b/shop"), OPEN, route, request=request_) is expected


@pytest.mark.parametrize(
    "match",
    [{"sourceNamespace": "c"}, {"sourceLabels": {"app": "x"}}, {"port": 81}, {"gateways": ["b/gate"]}],
)
def test_rules_for_other_callers_are_left_out_and_a_route_without_rules_is_none(match):
    """What is known of a proxy is asked when its routes are made, so a service without rules left gets its own one."""

    def answered(*rules):
        route = istio("VirtualService", "b/shop", hosts=["shop"], http=[*rules], gateways=["mesh", "b/gate"])
        return answer(service("b/shop"), OPEN, route)

    other = {"match": [match], "directResponse": {"status": 403}}
    assert answered(other) is Answer.ALLOWED
    assert answered({"match": [{"method": {"exact": "POST"}}, match], "route": [to("shop")]}) is Answer.DENIED
    assert answered(other, {"match": [{"uri": {"prefix": "/"}}], "route": [to("shop")]}) is Answer.ALLOWED


@pytest.mark.parametrize("asked", [{"sourceNamespace": "c"}, {"sourceLabels": {"app": "x"}}])
def test_a_condition_that_names_gateways_asks_nothing_else_of_the_proxy(asked):
    rules = [{"match": [{"gateways": ["mesh"], **asked}], "directResponse": {"status": 403}}, {"route": [to("shop")]}]
    route = istio("VirtualService", "b/shop", hosts=["shop"], http=rules)
    assert answer(service("b/shop"), OPEN, route) is Answer.DENIED


def test_a_route_for_a_part_of_a_wildcard_service_is_there_on_its_own_ports_and_80():
    """On others the wildcard's own route takes what is asked of that part."""
    ports = [
        {"number": number, "name": f"http-{number}", "protocol": "HTTP", "targetPort": 8080} for number in (80, 81)
    ]
    entry = {"hosts": ["*.shop.example"], "location": "MESH_INTERNAL", "resolution": "STATIC", "ports": ports}
    entry = istio("ServiceEntry", "b/shops", workloadSelector={"labels": {"app": "shop"}}, **entry)
    closed = istio(
        "VirtualService", "b/closed", hosts=["x.shop.example", "other"], http=[{"directResponse": {"status": 403}}]
    )
    asked = Request(port=8080, host="x.shop.example")
    assert answer(entry, OPEN, closed, request=asked) is Answer.ALLOWED
    there = service("b/other", ports=[{"name": "http", "port": 81, "targetPort": 8080}])
    assert answer(entry, OPEN, closed, there, request=asked) is Answer.DENIED


def test_on_a_port_that_the_narrower_host_lacks_the_wider_one_takes_the_request():
    def entry(name, host, port):
        ports = [{"number": port, "name": name, "protocol": "HTTP", "targetPort": 8080}]
        chosen = {"location": "MESH_INTERNAL", "resolution": "STATIC", "workloadSelector": {"labels": {"app": name}}}
        return istio("ServiceEntry", f"b/{name}", hosts=[host], ports=ports, **chosen)

    texts = (SHOP, deployment("b/part"), entry("shop", "*.shop.example", 80), entry("part", "x.shop.example", 81), OPEN)
    asked = Request(port=8080, host="x.shop.example")
    for port, pods in ((80, {"shop"}), (81, {"part"})):
        arrivals = layer(*texts).resolve(A, "x.shop.example", port, asked).arrivals
        assert {one.destination.name for one in arrivals} == pods


def test_who_imports_one_host_of_a_route_has_it_for_all_of_them():
    route = istio("VirtualService", "b/both", hosts=["shop", "mine.example"], http=[{"route": [to("shop")]}])
    asked = Request(port=8080, host="mine.example")
    for imported, expected in (("shop.b.svc.cluster.local", Answer.ALLOWED), ("other.example", Answer.DENIED)):
        built = layer(SHOP, service("b/shop"), sidecar("a", f"b/{imported}"), route)
        assert built.verdict(A, B, asked).answer is expected


def test_a_route_leads_to_a_service_of_the_callers_namespace_that_is_exported_to_others_alone():
    route = istio("VirtualService", "b/mine", hosts=["mine.example"], http=[{"route": [to("web.a.svc.cluster.local")]}])
    asked = Request(port=8080, host="mine.example")
    built = layer(deployment("a/web"), service("a/web", "b"), OPEN, route)
    assert built.verdict(A, A, asked).answer is Answer.ALLOWED
    assert built.verdict(A, A, Request(port=8080, host="web.a")).answer is Answer.DENIED


@pytest.mark.parametrize(
    ("weights", "expected"),
    [((None, None), Answer.DENIED), ((100, 0), Answer.DENIED), ((99, 1), Answer.ALLOWED), ((0, 100), Answer.ALLOWED)],
)
def test_a_destination_with_some_weight_is_reached(weights, expected):
    routes = [{**to("other", 80), "weight": weights[0] or 0}, {**to("shop", 80), "weight": weights[1] or 0}]
    route = istio("VirtualService", "b/shop", hosts=["shop"], http=[{"route": routes}])
    assert answer(service("b/shop"), OPEN, route) is expected


def test_mirrors_are_reached_too():
    route = istio(
        "VirtualService", "b/x", hosts=["x.example"], http=[{"route": [to("other")], "mirror": {"host": "shop"}}]
    )
    assert answer(service("b/shop"), OPEN, route) is Answer.ALLOWED


def test_a_delegate_takes_what_its_root_hands_over():
    root = istio(
        "VirtualService",
        "a/root",
        hosts=["x.example"],
        http=[{"match": [{"uri": {"prefix": "/shop"}}], "delegate": {"name": "part", "namespace": "b"}}],
    )
    part = {"http": [{"match": [{"uri": {"prefix": "/shop/v1"}}], "route": [to("shop")]}]}
    texts = (SHOP, service("b/shop"), CLOSED, root)
    for export, path, expected in (
        (["*"], "/shop/v1/a", Answer.ALLOWED),
        (["*"], "/shop/v2", Answer.DENIED),
        (["."], "/shop/v1/a", Answer.DENIED),
    ):
        built = layer(*texts, istio("VirtualService", "b/part", exportTo=export, **part))
        assert built.verdict(A, B, Request(port=8080, path=path)).answer is expected


def test_the_oldest_route_of_a_host_decides_and_without_ages_any_may():
    def route(name, host, day):
        text = istio("VirtualService", f"b/{name}", hosts=["shop"], http=[{"route": [to(host)]}])
        return born(text, day) if day else text

    def sent(*days):
        return answer(service("b/shop"), OPEN, route("one", "shop", days[0]), route("two", "other", days[1]))

    assert sent("2026-01-01", "2026-02-01") is Answer.ALLOWED
    assert sent("2026-03-01", "2026-02-01") is Answer.DENIED
    assert sent("", "") is Answer.ALLOWED


def test_an_older_route_without_a_rule_for_the_caller_leaves_the_host_to_the_next():
    for_others = {"match": [{"sourceNamespace": "c"}], "directResponse": {"status": 403}}
    one = born(istio("VirtualService", "b/one", hosts=["mine.example"], http=[for_others]), "2026-01-01")
    two = born(istio("VirtualService", "b/two", hosts=["mine.example"], http=[{"route": [to("shop")]}]), "2026-02-01")
    built = layer(SHOP, service("b/shop"), OPEN, one, two)
    assert built.verdict(A, B, Request(port=8080, host="mine.example")).answer is Answer.ALLOWED
    (arrival,) = built.resolve(A, "mine.example", 80, ASK).arrivals
    assert str(arrival.destination) == "b/shop"


def test_a_service_whose_own_route_has_no_rule_for_the_caller_is_reached_past_wider_routes():
    for_others = {"match": [{"sourceNamespace": "c"}], "directResponse": {"status": 403}}
    own = istio("VirtualService", "b/own", hosts=["shop"], http=[for_others])
    wide = istio(
        "VirtualService", "b/wide", hosts=["*.b.svc.cluster.local"], http=[{"directResponse": {"status": 403}}]
    )
    assert answer(service("b/shop"), OPEN, own, wide, request=Request(port=8080, host="shop.b")) is Answer.ALLOWED


def test_a_wildcard_route_takes_requests_on_the_ports_of_the_services_that_it_covers():
    covered = service("c/other", ports=[{"name": "http", "port": 81, "targetPort": 8081}])
    rules = [{"match": [{"port": 81}], "route": [to("shop.b.svc.cluster.local", 80)]}]
    route = istio("VirtualService", "c/all", hosts=["*.c.svc.cluster.local"], http=rules)
    texts = (service("b/shop"), covered, sidecar("a", "c/*"), route)
    assert answer(*texts, request=Request(port=8080, host="other.c")) is Answer.ALLOWED


def test_whether_a_wildcard_route_takes_a_host_without_service_is_not_told():
    """It does unless it covers some service; else the request goes where the cluster's DNS says."""
    hidden = deployment("b/hidden") + service("b/hidden", "b")
    route = istio("VirtualService", "a/all", hosts=["*.b.svc.cluster.local"], http=[{"route": [to("shop.b.svc")]}])
    built = layer(SHOP, service("b/shop"), hidden, route)
    found = built.resolve(A, "hidden.b.svc.cluster.local", 80, ASK).arrivals
    assert {str(one.destination) for one in found} >= {"b/hidden"}


def test_a_destination_under_a_wildcard_service_is_none():
    ports = [{"number": 80, "name": "http", "protocol": "HTTP", "targetPort": 8080}]
    entry = {"hosts": ["*.shop.example"], "location": "MESH_INTERNAL", "resolution": "STATIC", "ports": ports}
    entry = istio("ServiceEntry", "b/shops", workloadSelector={"labels": {"app": "shop"}}, **entry)
    for host, expected in (("*.shop.example", Answer.ALLOWED), ("x.shop.example", Answer.DENIED)):
        route = istio("VirtualService", "b/mine", hosts=["mine.example"], http=[{"route": [to(host)]}])
        assert answer(entry, OPEN, route, request=Request(port=8080, host="mine.example")) is expected


def test_a_subset_keeps_to_its_labels_and_an_unknown_one_leads_nowhere():
    def built(labels, name="v1"):
        rule = istio("DestinationRule", "b/shop", host="shop", subsets=[{"name": "v1", "labels": labels}])
        route = istio("VirtualService", "b/shop", hosts=["shop"], http=[{"route": [to("shop", subset=name)]}])
        return answer(service("b/shop"), OPEN, rule, route)

    assert built({"app": "shop"}) is Answer.ALLOWED
    assert built({"version": "v1"}) is Answer.DENIED
    assert built({"app": "shop"}, "v2") is Answer.DENIED
