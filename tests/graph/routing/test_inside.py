"""Between pods with sidecars: what is visible, imported or passed on."""

import pytest

from tenantmesh.graph.flow import Proxy, Request
from tenantmesh.graph.verdict import Answer, Effect, Layer
from tests.graph.routing.asking import ASK, CLOSED, OPEN, SHOP, A, B, answer
from tests.graph.routing.objects import cluster, deployment, istio, layer, pod, service, sidecar, to


@pytest.mark.parametrize(
    ("export", "hosts", "expected"),
    [
        (None, ["./*", "b/*"], Answer.ALLOWED),
        ("*", ["*/*"], Answer.ALLOWED),
        ("a", ["b/shop.b.svc.cluster.local"], Answer.ALLOWED),
        ("b, a", ["b/*"], Answer.ALLOWED),
        (".", ["b/*"], Answer.DENIED),
        ("~", ["*/*"], Answer.DENIED),
        ("c", ["*/*"], Answer.DENIED),
        ("*", ["./*"], Answer.DENIED),
        ("*", ["c/*"], Answer.DENIED),
        ("*", ["b/other.b.svc.cluster.local"], Answer.DENIED),
        ("*", ["b/*.b.svc.cluster.local"], Answer.ALLOWED),
        ("*", ["*/*", "~b/*"], Answer.DENIED),
        ("*", ["~/*"], Answer.DENIED),
    ],
)
def test_a_service_has_to_be_exported_and_imported(export, hosts, expected):
    """https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener"""
    assert answer(service("b/shop", export), sidecar("a", *hosts)) is expected


def test_a_denial_names_the_service_and_the_sidecar():
    """Each object that stands between says so, and the change names both."""
    verdict = layer(SHOP, service("b/shop", "b"), CLOSED).verdict(A, B, ASK)
    assert verdict.layer is Layer.ROUTING
    assert {str(one.key) for one in verdict.evidence if one.effect is Effect.DENIES} == {
        "Service b/shop",
        "Sidecar a/default",
    }
    assert "export shop.b.svc.cluster.local to a" in verdict.change
    assert "Sidecar a/default" in verdict.change


def test_defaults_of_the_mesh_say_who_sees_a_service_without_an_annotation():
    assert answer(service("b/shop"), OPEN, service_export=(".",)) is Answer.DENIED
    assert answer(service("b/shop", "*"), OPEN, service_export=(".",)) is Answer.ALLOWED


def test_what_no_service_names_passes_unless_the_mesh_or_the_sidecar_keeps_it():
    """outboundTrafficPolicy of the Sidecar goes before the mesh's."""
    assert answer() is Answer.ALLOWED
    assert answer(registry_only=True) is Answer.DENIED
    assert answer(sidecar("a", "./*", mode="ALLOW_ANY"), registry_only=True) is Answer.ALLOWED
    assert answer(istio("Sidecar", "a/default", egress=[{"hosts": ["./*"]}]), registry_only=True) is Answer.DENIED
    assert answer(istio("Sidecar", "a/default", outboundTrafficPolicy={})) is Answer.DENIED


def test_the_root_namespaces_sidecar_holds_where_there_is_none():
    """Its `.` is then the namespace of the pod."""
    root = sidecar("istio-system", "./*")
    assert answer(service("b/shop"), root) is Answer.DENIED
    own = layer(deployment("a/api"), service("a/api"), root)
    assert own.verdict(A, pod("a/api"), ASK).answer is Answer.ALLOWED


def test_a_sidecar_with_a_selector_goes_before_one_without():
    chosen = istio(
        "Sidecar",
        "a/zz",
        workloadSelector={"labels": {"app": "web"}},
        egress=[{"hosts": ["b/*"]}],
        outboundTrafficPolicy={"mode": "REGISTRY_ONLY"},
    )
    assert answer(service("b/shop"), CLOSED, chosen) is Answer.ALLOWED
    assert answer(service("b/shop"), CLOSED, chosen, source=pod("a/other")) is Answer.DENIED


def test_a_listener_with_a_port_imports_services_on_that_port_only():
    def listening(port):
        return istio(
            "Sidecar",
            "a/default",
            egress=[{"hosts": ["b/*"], "port": {"number": port, "protocol": "HTTP", "name": "x"}}],
            outboundTrafficPolicy={"mode": "REGISTRY_ONLY"},
        )

    assert answer(service("b/shop"), listening(80)) is Answer.ALLOWED
    assert answer(service("b/shop"), listening(81)) is Answer.DENIED


@pytest.mark.parametrize(("port", "expected"), [(8080, Answer.ALLOWED), (9090, Answer.DENIED), (80, Answer.DENIED)])
def test_only_target_ports_are_led_to(port, expected):
    assert answer(service("b/shop"), OPEN, request=Request(port=port)) is expected


def test_a_named_target_port_is_what_the_pods_call_so():
    named = service("b/shop", ports=[{"name": "http", "port": 80, "targetPort": "web"}])
    assert answer(named, OPEN) is Answer.DENIED
    assert answer(named, OPEN, destination=cluster(SHOP).workloads["b"][0]) is Answer.ALLOWED


@pytest.mark.parametrize("proxy", [Proxy.NONE, Proxy.AMBIENT])
def test_without_a_sidecar_any_address_can_be_asked(proxy):
    """ztunnel knows no Sidecar and no REGISTRY_ONLY."""
    verdict = layer(SHOP, CLOSED).verdict(pod("a/web", proxy=proxy), B, ASK)
    assert verdict.answer is Answer.ALLOWED
    assert "no sidecar" in verdict.reason


PASSING = {"loadBalancer": {"simple": "PASSTHROUGH"}}


def rule(namespace, host, **spec):
    return istio("DestinationRule", f"{namespace}/rule", host=host, **spec)


MINE = service("a/mine")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (rule("a", "mine.a.svc.cluster.local", trafficPolicy=PASSING), Answer.ALLOWED),
        (rule("a", "*.a.svc.cluster.local", trafficPolicy=PASSING), Answer.ALLOWED),
        (rule("a", "mine", trafficPolicy={"portLevelSettings": [{"port": {"number": 80}, **PASSING}]}), Answer.ALLOWED),
        (rule("a", "mine", subsets=[{"name": "v1", "trafficPolicy": PASSING}]), Answer.ALLOWED),
        (rule("a", "mine", trafficPolicy={"loadBalancer": {"simple": "RANDOM"}}), Answer.DENIED),
        (rule("a", "other", trafficPolicy=PASSING), Answer.DENIED),
        (rule("b", "mine.a.svc.cluster.local", trafficPolicy=PASSING), Answer.DENIED),
    ],
)
def test_a_service_whose_load_is_passed_through_is_a_name_for_any_address(made, expected):
    """Its cluster is one of the original destination (buildSubsetCluster, applyLoadBalancer of Istio)."""
    assert answer(MINE, service("b/shop"), CLOSED, made) is expected


def test_only_http_ports_are_listened_to_on_any_address():
    made = rule("a", "mine.a.svc.cluster.local", trafficPolicy=PASSING)
    bytes_alone = service("a/mine", ports=[{"name": "tcp", "port": 80, "targetPort": 8080}])
    assert answer(bytes_alone, service("b/shop"), CLOSED, made) is Answer.DENIED


def test_a_route_to_a_headless_service_goes_on_to_the_address_that_was_asked_for():
    """Who asks for the shop's address by the shop's name gets there, though the route names another Service."""
    host = "shop.b.svc.cluster.local"
    request = Request(port=8080, method="GET", host=host)
    texts = (service("b/shop", "."), service("a/head", clusterIP="None"), sidecar("a", f"a/{host}"))
    assert answer(*texts, request=request) is Answer.DENIED
    led = istio("VirtualService", "a/route", hosts=[host], http=[{"route": [to("head.a.svc.cluster.local")]}])
    assert answer(*texts, led, request=request) is Answer.ALLOWED
    found = layer(SHOP, *texts, led).resolve(A, host, 80, request)
    assert [(str(one.destination), one.port) for one in found.arrivals] == [("b/shop", 8080)]


@pytest.mark.parametrize("host", ["shop-0.shop.b", "shop-0.shop.b.svc.cluster.local"])
def test_a_pod_of_a_headless_service_has_a_name_below_its_own(host):
    request = Request(port=8080, method="GET", host=host)
    ports = [{"name": "http", "port": 8080}]
    headless = service("b/shop", clusterIP="None", ports=ports)
    assert answer(headless, OPEN, request=request) is Answer.ALLOWED
    assert answer(headless, CLOSED, request=request) is Answer.DENIED
    assert answer(service("b/shop", ports=ports), OPEN, request=request) is Answer.DENIED


@pytest.mark.parametrize("port", [80, 8080, 9999])
def test_any_port_can_be_asked_for_at_the_addresses_of_a_headless_service(port):
    texts = (SHOP, service("b/shop", clusterIP="None"))
    found = layer(*texts).resolve(A, "shop.b", port, Request(port=port))
    assert {(str(one.destination), one.port) for one in found.arrivals} == {("b/shop", port)}
