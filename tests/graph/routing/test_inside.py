"""Between pods with sidecars: what is visible, imported or passed on."""

import pytest

from tenantmesh.graph.flow import Proxy, Request
from tenantmesh.graph.verdict import Answer, Effect, Layer
from tests.graph.routing.asking import ASK, CLOSED, OPEN, SHOP, A, B, answer
from tests.graph.routing.objects import cluster, deployment, istio, layer, pod, service, sidecar


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
