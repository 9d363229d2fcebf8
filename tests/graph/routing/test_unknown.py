"""What is not understood is unproven: filters, unknown kinds and fields, values that are no plain values."""

import pytest
import yaml

from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.opening import Direction
from tenantmesh.graph.routing import RoutingLayer
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.routing.objects import cluster, deployment, gateway_api, istio, layer, pod, service, sidecar, to

SHOP = deployment("b/shop") + service("b/shop")
A, B = pod("a/web"), pod("b/shop")
ASK = Request(port=8080)
CLOSED = sidecar("a", "./*")
OPEN = sidecar("a", "b/*")


def answer(*texts, request=ASK, source=A, **settings):
    return layer(SHOP, *texts, **settings).verdict(source, B, request).answer


FILTER = {"configPatches": [{"applyTo": "CLUSTER", "patch": {"operation": "ADD"}}]}


@pytest.mark.parametrize("base", [CLOSED, OPEN])
@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (istio("EnvoyFilter", "a/x", **FILTER), True),
        (istio("EnvoyFilter", "istio-system/x", **FILTER), True),
        (istio("EnvoyFilter", "c/x", **FILTER), False),
        (istio("EnvoyFilter", "a/x", workloadSelector={"labels": {"app": "other"}}, **FILTER), False),
        (istio("EnvoyFilter", "a/x", workloadSelector={"labels": {"app": "web"}}, **FILTER), True),
        (istio("WasmPlugin", "a/x", url="oci://x").replace("networking", "extensions"), True),
        (gateway_api("UDPRoute", "a/x", rules=[]), True),
        (istio("ProxyConfig", "a/x", concurrency=1), False),
    ],
)
def test_what_changes_a_proxy_in_unforeseen_ways(base, made, expected):
    known = answer(base)
    assert answer(base, made) is (Answer.UNPROVEN if expected else known)


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (sidecar("a", "./*", novel=1), "spec.novel"),
        (istio("Sidecar", "a/default", egress=[{"hosts": ["b/*"], "novel": 1}]), "spec.egress[0].novel"),
        (sidecar("a", "b/*") + istio("VirtualService", "b/x", hosts=["shop"], novel=1), "spec.novel"),
        (
            sidecar("a", "b/*")
            + istio(
                "VirtualService",
                "b/x",
                hosts=["shop"],
                tcp=[{"match": [{"sourceSubnet": "1.0.0.0/8"}], "route": [to("shop")]}],
            ),
            "spec.tcp[0].match[0].sourceSubnet",
        ),
        (
            sidecar("a", "b/*")
            + istio("DestinationRule", "b/x", host="shop", trafficPolicy={"tunnel": {"targetHost": "x"}}),
            "spec.trafficPolicy.tunnel",
        ),
        (
            CLOSED + istio("ServiceEntry", "a/x", hosts=["x.example"], ports=[{"number": "web"}], resolution="NONE"),
            "spec.ports[0].number",
        ),
        (
            istio("Sidecar", "a/default", outboundTrafficPolicy={"mode": "ALLOW_ANY", "egressProxy": {"host": "x"}}),
            "spec.outboundTrafficPolicy.egressProxy",
        ),
    ],
)
def test_unknown_fields_are_named_by_their_path_and_may_open_anything(made, path):
    built = layer(SHOP, made)
    verdict = built.verdict(A, B, ASK)
    assert any(one.direction is Direction.EGRESS and "b" in one.peers for one in built.openings("a"))
    assert verdict.answer is Answer.UNPROVEN
    assert path in {one.path for one in verdict.evidence if one.effect is Effect.UNKNOWN}


def test_an_unknown_field_of_nobodys_business_changes_nothing():
    """It is in a namespace that the sidecar does not know of."""
    assert answer(CLOSED, istio("VirtualService", "c/x", hosts=["shop.b.svc.cluster.local"], novel=1)) is Answer.DENIED


class Opaque:
    """Stands for a value that is known only after a deployment."""


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (service("b/other"), ("spec", "ports", 0, "port")),
        (istio("VirtualService", "a/x", hosts=["x.example"], http=[{"route": [to("x")]}]), ("spec", "hosts", 0)),
        (
            istio("VirtualService", "a/x", hosts=["x.example"], http=[{"route": [to("x")]}]),
            ("spec", "http", 0, "route", 0, "destination", "host"),
        ),
        (istio("ServiceEntry", "a/x", hosts=["x.example"], ports=[], resolution="DNS"), ("spec", "hosts", 0)),
        (istio("DestinationRule", "a/x", host="x.example"), ("spec", "host")),
        (istio("Sidecar", "a/first", egress=[{"hosts": ["./*"]}]), ("spec", "egress", 0, "hosts", 0)),
    ],
)
def test_values_that_nobody_knows_yet_leave_it_unproven(text, where):
    body = next(yaml.safe_load_all(text))
    *way, last = where
    part = body
    for step in way:
        part = part[step]
    part[last] = Opaque()
    built = RoutingLayer(cluster(SHOP, CLOSED.replace("default", "zz"), bodies=(body,)))
    assert built.verdict(A, B, ASK).answer is Answer.UNPROVEN
    assert body["kind"] == "Service" or any(one.peers.everywhere for one in built.openings("a"))
    built.openings("b")
    built.dangling()


def test_a_gateway_that_cant_be_read_leaves_its_routes_unproven():
    odd = istio("Gateway", "g/gate", selector={"app": "gate"}, servers="all")
    route = istio("VirtualService", "b/x", hosts=["x"], gateways=["g/gate"], http=[{"route": [to("shop")]}])
    assert answer(odd, route, source=Outside()) is Answer.UNPROVEN


def test_a_backend_of_an_ingress_that_is_no_service_is_unproven():
    paths = [{"path": "/", "pathType": "Prefix", "backend": {"resource": {"kind": "Bucket", "name": "x"}}}]
    text = istio("Ingress", "b/x", rules=[{"http": {"paths": paths}}])
    odd = text.replace("networking.istio.io/v1", "networking.k8s.io/v1")
    assert answer(odd, source=Outside()) is Answer.UNPROVEN


def test_a_field_of_a_service_that_leads_there_is_named():
    verdict = layer(SHOP, OPEN, service("b/second", novel=1, selector={"app": "gone"})).verdict(A, B, ASK)
    assert verdict.answer is Answer.ALLOWED
    verdict = layer(deployment("b/shop"), OPEN, service("b/shop", novel=1)).verdict(A, B, ASK)
    assert verdict.answer is Answer.UNPROVEN
    assert "spec.novel" in {one.path for one in verdict.evidence}
