"""From the outside through Istio's gateways."""

import pytest

from tenantmesh.graph.flow import Outside, Proxy
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.objects import born, deployment, gateway_pods, istio, layer, pod, service, to
from tests.graph.routing.outside import ANY, SHOP, B, answer, ask

GATE_PORTS = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "https", "port": 443, "targetPort": 8443}]
GATE = gateway_pods("g/gate") + service("g/gate", type="LoadBalancer", ports=GATE_PORTS)


def gateway(name="g/gate", hosts=("*",), number=80, protocol="HTTP", **server):
    port = {"number": number, "name": protocol.lower(), "protocol": protocol}
    return istio("Gateway", name, selector={"app": "gate"}, servers=[{"hosts": list(hosts), "port": port, **server}])


def route(name="b/shop", hosts=("shop.example",), gateways=("g/gate",), **spec):
    rules = spec or {"http": [{"route": [to("shop.b.svc.cluster.local", 80)]}]}
    export = {"exportTo": rules.pop("exportTo")} if "exportTo" in rules else {}
    return istio("VirtualService", name, hosts=list(hosts), gateways=list(gateways), **export, **rules)


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


def test_all_who_are_behind_a_gateway_are_named():
    more = deployment("b/more", labels={"app": "shop"})
    found = layer(GATE, SHOP, more, gateway(), route()).resolve(ANY, "shop.example", 80, ask()).arrivals
    assert {str(one.destination) for one in found} == {"b/shop", "b/more"}


ELSEWHERE = [{"route": [to("other.b.svc.cluster.local", 80)]}]


@pytest.mark.parametrize(
    ("narrower", "more", "expected"),
    [
        (["shop.example"], {}, Answer.DENIED),
        (["*.shop.example"], {}, Answer.ALLOWED),
        (["*"], {}, Answer.ALLOWED),
        (["shop.example"], {"exportTo": ["."]}, Answer.ALLOWED),
        (["shop.example"], {"gateways": ["g/other"]}, Answer.ALLOWED),
        (["shop.example"], {"http": [{"match": [{"sourceNamespace": "c"}], **ELSEWHERE[0]}]}, Answer.ALLOWED),
        (["shop.example"], {"http": [{"match": [{"uri": {"exact": "/x"}}], **ELSEWHERE[0]}]}, Answer.DENIED),
        (["shop.example"], {"strange": 1}, Answer.ALLOWED),
    ],
)
def test_of_routes_at_a_gateway_the_one_of_the_narrowest_host_takes_the_request(narrower, more, expected):
    other = route("c/other", narrower, **{"http": ELSEWHERE, **more})
    assert answer(GATE, gateway(), route(hosts=["*.example"]), other) is expected


def test_the_narrowest_host_counts_over_all_gateways_of_one_port_in_plain_text():
    def answered(**second):
        other = route("c/other", gateways=["g/second"], http=ELSEWHERE)
        return answer(GATE, gateway(), gateway("g/second", **second), route(hosts=["*"]), other)

    assert answered() is Answer.DENIED
    assert answered(hosts=["other.example"]) is Answer.ALLOWED
    assert answered(number=443, protocol="HTTPS", tls={"mode": "SIMPLE", "credentialName": "s"}) is Answer.ALLOWED


@pytest.mark.parametrize(
    ("match", "own", "expected"),
    [
        (None, None, Answer.DENIED),
        ({"uri": {"prefix": "/"}}, None, Answer.DENIED),
        ({"uri": {"prefix": "/a"}}, {"uri": {"prefix": "/a"}}, Answer.DENIED),
        ({"uri": {"prefix": "/b"}}, None, Answer.ALLOWED),
        ({"uri": {"prefix": "/"}}, {"uri": {"prefix": "/a"}}, Answer.ALLOWED),
    ],
)
def test_of_routes_of_one_host_the_older_takes_its_requests_and_what_takes_everything_comes_last(match, own, expected):
    """SortVHostRoutes in Istio's route.go."""

    def rules(one, to):
        return [{**({"match": [one]} if one else {}), **to}]

    older = born(route("c/other", http=rules(match, ELSEWHERE[0])), "2026-01-01")
    younger = route(http=rules(own, {"route": [to("shop.b.svc.cluster.local", 80)]}))
    asked = ask(path="/a/x")
    assert answer(GATE, gateway(), older, born(younger, "2026-02-01"), request=asked) is expected
    assert answer(GATE, gateway(), older, younger, request=asked) is Answer.ALLOWED


def test_a_host_is_asked_for_with_its_port_too():
    assert answer(GATE, gateway(), route(), request=ask("Shop.example:8080")) is Answer.ALLOWED
