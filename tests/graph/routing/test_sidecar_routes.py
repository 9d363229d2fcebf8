"""Routes of sidecars: whom a VirtualService sends where, past imports, by its conditions and its age."""

import pytest

from tenantmesh.graph.flow import Request
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.asking import ASK, CLOSED, OPEN, SHOP, A, B, answer
from tests.graph.routing.objects import deployment, istio, layer, pod, service, sidecar, to


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
        ({"sourceNamespace": "c"}, ASK, Answer.DENIED),
        ({"sourceLabels": {"app": "web"}}, ASK, Answer.ALLOWED),
        ({"sourceLabels": {"app": "x"}}, ASK, Answer.DENIED),
        ({"port": 80}, ASK, Answer.ALLOWED),
        ({"port": 81}, ASK, Answer.DENIED),
        ({"gateways": ["mesh"]}, ASK, Answer.ALLOWED),
        ({"gateways": ["b/gate"]}, ASK, Answer.DENIED),
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
    def route(name, host, born):
        text = istio("VirtualService", f"b/{name}", hosts=["shop"], http=[{"route": [to(host)]}])
        return text.replace("  name: " + name, f"  name: {name}\n  creationTimestamp: '{born}'") if born else text

    def sent(*born):
        return answer(service("b/shop"), OPEN, route("one", "shop", born[0]), route("two", "other", born[1]))

    assert sent("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z") is Answer.ALLOWED
    assert sent("2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z") is Answer.DENIED
    assert sent("", "") is Answer.ALLOWED


def test_a_subset_keeps_to_its_labels_and_an_unknown_one_leads_nowhere():
    def built(labels, name="v1"):
        rule = istio("DestinationRule", "b/shop", host="shop", subsets=[{"name": "v1", "labels": labels}])
        route = istio("VirtualService", "b/shop", hosts=["shop"], http=[{"route": [to("shop", subset=name)]}])
        return answer(service("b/shop"), OPEN, rule, route)

    assert built({"app": "shop"}) is Answer.ALLOWED
    assert built({"version": "v1"}) is Answer.DENIED
    assert built({"app": "shop"}, "v2") is Answer.DENIED
