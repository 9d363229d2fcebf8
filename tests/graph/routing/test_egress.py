"""To the outside: ServiceEntries, egress gateways, and what goes past them."""

import pytest

from tenantmesh.graph.flow import Outside, Proxy, Request
from tenantmesh.graph.verdict import Answer, Layer
from tests.graph.routing.objects import deployment, gateway_pods, istio, layer, pod, service, sidecar, to

A = pod("a/web")
API = Outside(host="api.example.com")
ASK = Request(port=443, method="")
CLOSED = sidecar("a", "./*")


def entry(name="a/api", host="api.example.com", resolution="DNS", port=443, protocol="TLS", **spec):
    ports = [{"name": "tls", "number": port, "protocol": protocol}]
    return istio(
        "ServiceEntry", name, hosts=[host], ports=ports, resolution=resolution, location="MESH_EXTERNAL", **spec
    )


def answer(*texts, request=ASK, source=A, outside=API, **settings):
    verdict = layer(*texts, **settings).verdict(source, outside, request)
    assert verdict.layer is Layer.EGRESS
    return verdict.answer


def test_what_no_service_entry_names_is_dropped_or_passed_on():
    """https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/"""
    assert answer(CLOSED) is Answer.DENIED
    assert answer(sidecar("a", "./*", mode="ALLOW_ANY")) is Answer.ALLOWED
    assert answer() is Answer.ALLOWED
    assert answer(registry_only=True) is Answer.DENIED
    assert answer(CLOSED, source=pod("a/web", proxy=Proxy.NONE)) is Answer.ALLOWED


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (entry(), Answer.ALLOWED),
        (entry(host="*.example.com", resolution="NONE"), Answer.ALLOWED),
        (entry(host="other.example.com"), Answer.DENIED),
        (entry(port=80), Answer.DENIED),
        (entry("b/api"), Answer.DENIED),
        (entry("b/api", exportTo=["a"]), Answer.DENIED),
        (entry("a/api", exportTo=["~"]), Answer.DENIED),
    ],
)
def test_an_outside_host_needs_an_entry_that_is_seen(made, expected):
    assert answer(CLOSED, made) is expected


def test_entries_follow_the_default_for_services():
    texts = (sidecar("a", "*/*"), entry("b/api"))
    assert answer(*texts) is Answer.ALLOWED
    assert answer(*texts, service_export=(".",)) is Answer.DENIED


def test_an_address_is_known_by_the_endpoints_that_list_it():
    by_address = Outside(address="8.8.8.8")
    listed = entry(resolution="STATIC", endpoints=[{"address": "8.8.8.8"}])
    assert answer(CLOSED, listed, outside=by_address) is Answer.ALLOWED
    assert answer(CLOSED, entry(), outside=by_address) is Answer.DENIED
    assert answer(CLOSED, entry(resolution="NONE", host="x.test"), outside=by_address) is Answer.ALLOWED
    assert answer(CLOSED, entry(), outside=Outside()) is Answer.ALLOWED
    assert answer(CLOSED, outside=Outside()) is Answer.DENIED


GATEWAY = (
    gateway_pods("a/out", 8443)
    + service("a/out", ports=[{"name": "tls", "port": 8443, "targetPort": 8443}])
    + istio(
        "Gateway",
        "a/out",
        selector={"app": "out"},
        servers=[
            {
                "hosts": ["./api.example.com"],
                "port": {"number": 8443, "name": "tls", "protocol": "TLS"},
                "tls": {"mode": "ISTIO_MUTUAL"},
            }
        ],
    )
)


def through(exit_host="api.example.com"):
    match = {"gateways": ["mesh"], "port": 443, "sniHosts": ["api.example.com"]}
    return istio(
        "VirtualService",
        "a/api",
        hosts=["api.example.com"],
        gateways=["mesh", "out"],
        tls=[{"match": [match], "route": [to("out", 8443)]}],
        tcp=[{"match": [{"gateways": ["out"], "port": 8443}], "route": [to(exit_host, 443)]}],
    )


def test_a_way_through_the_egress_gateway_is_told_hop_by_hop():
    built = layer(deployment("a/web"), CLOSED, GATEWAY, entry(), through())
    assert built.verdict(A, API, ASK).answer is Answer.ALLOWED
    keys = {str(one.key) for one in built.verdict(A, API, ASK).evidence}
    assert keys == {"VirtualService a/api", "Gateway a/out"}
    route = built.resolve(A, "api.example.com", 443, ASK)
    assert [(str(one.destination), one.port, [str(pod) for pod in one.gateways]) for one in route.arrivals] == [
        ("api.example.com", 443, ["a/out"])
    ]
    assert {str(one.key) for one in route.evidence} >= {"VirtualService a/api", "Gateway a/out"}


def test_a_gateway_that_sends_elsewhere_is_no_way_to_the_host():
    assert answer(CLOSED, GATEWAY, entry(), through("nowhere.example.com")) is Answer.DENIED


def test_without_a_route_the_entry_itself_is_a_way_past_the_gateway():
    built = layer(deployment("a/web"), CLOSED, GATEWAY, entry())
    (arrival,) = built.resolve(A, "api.example.com", 443, ASK).arrivals
    assert arrival.gateways == ()


def test_what_a_host_resolves_to():
    """Short names are of the pod's namespace; unknown ones are dropped or, without REGISTRY_ONLY, asked of the DNS."""
    built = layer(deployment("a/web"), service("a/web"), CLOSED)
    assert [str(one.destination) for one in built.resolve(A, "web", 80, Request(port=8080)).arrivals] == ["a/web"]
    assert built.resolve(A, "web", 81, Request(port=8080)).answer is Answer.DENIED
    assert built.resolve(A, "x.example", 80, Request(port=80)).answer is Answer.DENIED
    plain = pod("b/web", proxy=Proxy.NONE)
    assert [str(one.destination) for one in built.resolve(plain, "web.a", 80, Request(port=80)).arrivals] == ["a/web"]
    assert [str(one.destination) for one in built.resolve(plain, "x.example", 80, Request(port=80)).arrivals] == [
        "x.example"
    ]
    assert built.resolve(pod("c/web"), "10.0.0.1", 80, Request(port=80)).answer is Answer.UNPROVEN


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request(port=80), Answer.ALLOWED),
        (Request(port=80, host="mine.a"), Answer.ALLOWED),
        (Request(port=80, host="api.example.com"), Answer.DENIED),
        (Request(port=81), Answer.DENIED),
        (Request(port=80, method=""), Answer.DENIED),
    ],
)
def test_a_headless_http_service_is_a_name_for_addresses_outside_too(request_, expected):
    """A request for it goes on to whatever address its client asked for, REGISTRY_ONLY or not."""
    headless = service("a/mine", clusterIP="None")
    assert answer(CLOSED, headless, request=request_, outside=Outside(address="203.0.113.5")) is expected
    assert answer(CLOSED, service("a/mine"), request=request_, outside=Outside(address="203.0.113.5")) is Answer.DENIED
