"""Selectors and names that match nothing."""

import pytest

from tests.graph.routing.objects import deployment, gateway_api, gateway_pods, istio, layer, service, sidecar, to

SERVED = (
    deployment("b/shop")
    + service("b/shop")
    + gateway_pods("b/gate")
    + istio("Gateway", "b/gate", selector={"app": "gate"}, servers=[])
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (service("b/shop", selector={"app": "gone"}), "spec.selector"),
        (sidecar("b", "./*", workloadSelector={"labels": {"app": "gone"}}), "spec.workloadSelector"),
        (istio("Gateway", "b/x", selector={"app": "gone"}), "spec.selector"),
        (istio("Gateway", "b/x", selector={"app": "shop"}), "spec.selector"),
        (
            istio("VirtualService", "b/x", hosts=["x"], gateways=["gone"], http=[{"route": [to("shop")]}]),
            "spec.gateways",
        ),
        (
            istio("VirtualService", "b/x", hosts=["x"], http=[{"route": [to("gone")]}]),
            "spec.http[0].route[0].destination",
        ),
        (
            istio("VirtualService", "b/x", hosts=["x"], http=[{"route": [to("shop", subset="gone")]}]),
            "spec.http[0].route[0].destination",
        ),
        (
            istio("VirtualService", "b/x", hosts=["x"], http=[{"route": [to("shop", subset="v1")]}])
            + istio("DestinationRule", "c/x", host="shop.b.svc.cluster.local", subsets=[{"name": "v1"}]),
            "spec.http[0].route[0].destination",
        ),
        (istio("DestinationRule", "b/x", host="gone"), "spec.host"),
        (
            istio("DestinationRule", "b/x", host="shop", subsets=[{"name": "v1", "labels": {"v": "1"}}]),
            "spec.subsets[0]",
        ),
        (gateway_api("HTTPRoute", "b/x", parentRefs=[], rules=[]), "spec.parentRefs"),
        (
            istio(
                "ServiceEntry",
                "b/x",
                hosts=["x.test"],
                ports=[],
                resolution="STATIC",
                workloadSelector={"labels": {"app": "gone"}},
            ),
            "spec.workloadSelector",
        ),
    ],
)
def test_what_matches_nothing_is_named_by_its_path(text, path):
    (found,) = layer(SERVED, text).dangling()
    assert found.path == path


def test_what_matches_is_left_alone():
    whole = (
        istio(
            "VirtualService", "b/x", hosts=["x"], gateways=["gate", "mesh"], http=[{"route": [to("shop", subset="v1")]}]
        )
        + istio("DestinationRule", "b/x", host="shop", subsets=[{"name": "v1", "labels": {"app": "shop"}}])
        + istio("DestinationRule", "b/y", host="*.b.svc.cluster.local")
        + sidecar("b", "./*", workloadSelector={"labels": {"app": "shop"}})
    )
    assert layer(SERVED, whole).dangling() == ()
