"""Claims of names, and those of different owners that meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing import ClaimKind, overlaps
from tenantmesh.graph.routing.hosts import covers, meets
from tests.graph.routing.objects import gateway_api, istio, layer, service, to


def route(name, host, gateways=("mesh",), export=("*",)):
    return istio(
        "VirtualService",
        name,
        hosts=[host],
        gateways=list(gateways),
        exportTo=list(export),
        http=[{"route": [to("x")]}],
    )


def entry(name, host, export=("*",)):
    return istio(
        "ServiceEntry",
        name,
        hosts=[host],
        exportTo=list(export),
        ports=[{"number": 443, "name": "x", "protocol": "TLS"}],
    )


def gateway(name, host):
    port = {"number": 80, "name": "http", "protocol": "HTTP"}
    return istio("Gateway", name, selector={"app": "x"}, servers=[{"hosts": [host], "port": port}])


def test_every_claim_says_what_where_and_for_whom():
    built = layer(
        gateway("a/gate", "a/*.Example"),
        route("b/r", "shop.c", gateways=["mesh", "a/gate"], export=["."]),
        entry("b/e", "api.test"),
        istio("DestinationRule", "b/d", host="x", exportTo=["c"]),
        service("b/s", ports=[{"port": 80, "nodePort": 30080}]),
        gateway_api(
            "Gateway",
            "d/g",
            gatewayClassName="istio",
            listeners=[{"name": "x", "port": 80, "protocol": "HTTP", "hostname": "h.test"}],
        ),
    )
    found = {(str(one.kind), one.name, one.namespace, one.path, one.scope, one.owner) for one in built.claims()}
    everybody = Peers(everywhere=True)
    assert found == {
        ("gateway server", "*.example", "a", "spec.servers[0].hosts[0]", everybody, ""),
        ("route for sidecars", "shop.c", "b", "spec.hosts[0]", Peers(frozenset({"b"})), ""),
        ("route at a gateway", "shop.c", "b", "spec.hosts[0]", Peers(frozenset({"b"})), ""),
        ("service entry", "api.test", "b", "spec.hosts", everybody, ""),
        ("destination rule", "x.b.svc.cluster.local", "b", "spec.host", Peers(frozenset({"c"})), "b"),
        ("node port", "30080", "b", "spec.ports[0].nodePort", everybody, ""),
        ("gateway server", "h.test", "d", "spec.listeners[0].hostname", everybody, ""),
    }


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (gateway("a/x", "shop.test"), gateway("b/x", "shop.test"), True),
        (gateway("a/x", "*.test"), gateway("b/x", "shop.test"), True),
        (gateway("a/x", "shop.test"), gateway("b/x", "*.test"), True),
        (gateway("a/x", "*.test"), gateway("b/x", "test"), False),
        (gateway("a/x", "*.a.test"), gateway("b/x", "*.test"), True),
        (gateway("a/x", "*.ab.test"), gateway("b/x", "*.b.test"), False),
        (gateway("a/x", "*"), gateway("b/x", "shop.test"), True),
        (gateway("a/x", "shop.test"), gateway("a/y", "shop.test"), False),
        (gateway("a/x", "shop.test"), entry("b/x", "shop.test"), False),
        (entry("a/x", "api.test"), entry("b/x", "api.test"), True),
        (entry("a/x", "api.test", ["."]), entry("b/x", "api.test", ["."]), False),
        (entry("a/x", "api.test", ["."]), entry("b/x", "api.test", ["a"]), True),
        (entry("a/x", "api.test", ["."]), entry("b/x", "api.test", ["~"]), False),
        (route("a/x", "web.b.svc.cluster.local"), entry("b/x", "*.svc.cluster.local"), True),
    ],
)
def test_claims_of_two_owners_meet(one, other, expected):
    assert bool(list(overlaps(layer(one, other).claims(), str))) is expected


def test_namespaces_of_one_owner_do_not_meet():
    claims = layer(gateway("a/x", "shop.test"), gateway("b/x", "shop.test")).claims()
    assert list(overlaps(claims, lambda _: "owner")) == []


hosts = st.sampled_from(["*", "*.t", "*.a.t", "a.t", "b.a.t", "*.b.a.t", "t", "c.t"])


@given(st.lists(st.tuples(hosts, st.sampled_from("abc"), st.sampled_from(["*", ".", "a", "b"])), max_size=8))
def test_an_overlap_is_found_exactly_when_two_claims_meet(made):
    """Against a comparison of all pairs."""
    texts = [entry(f"{space}/e{index}", host, [export]) for index, (host, space, export) in enumerate(made)]
    claims = layer(*texts).claims()
    pairs = [
        (one, other)
        for one in claims
        for other in claims
        if one.namespace != other.namespace and meets(one.name, other.name) and _together(one.scope, other.scope)
    ]
    found = list(overlaps(claims, str))
    assert bool(found) is bool(pairs)
    assert all((one, other) in pairs for one, other in found)
    assert {one.name for pair in found for one in pair} <= {one.name for pair in pairs for one in pair}


def _together(one, other):
    if one.everywhere or other.everywhere:
        return bool(one and other)
    return bool(one.namespaces & other.namespaces)


@given(hosts, hosts)
def test_a_wildcard_covers_at_dots_only(one, other):
    if covers(one, other) and one != other:
        assert one == "*" or other.removeprefix("*.").endswith(one[1:]) or other.endswith(one[1:])
    assert covers(one, one)
    assert meets(one, other) is meets(other, one)


def test_kinds_are_named_in_words():
    assert ClaimKind.MESH_ROUTE == "route for sidecars"
