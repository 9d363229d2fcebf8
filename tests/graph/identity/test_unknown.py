"""What is not understood is unproven, with the place where it stands, and never opens or shuts anything silently."""

import pytest

from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.identity.objects import TCP, answer, client, layer, made, of, peers, policy, to, verdict, web

ALLOWED, DENIED, UNPROVEN = Answer.ALLOWED, Answer.DENIED, Answer.UNPROVEN


def when(key, **said):
    return policy("ALLOW", {"when": [{"key": key, **said}]})


# The path that the evidence has to name.
STRANGE = {
    "spec.magic": policy("ALLOW", {}, magic=True),
    "spec.rules[0].via": policy("ALLOW", {"via": []}),
    "spec.rules[0].from[0].magic": policy("ALLOW", {"from": [{"magic": {}}]}),
    "spec.rules[0].from[0].source.clusters": policy("ALLOW", of(clusters=["a"])),
    "spec.rules[0].to[0].operation.bodies": policy("ALLOW", to(bodies=["x"])),
    "spec.rules[0].when[0].key": when("request.weather", values=["rain"]),
    "spec.rules": policy("ALLOW"),
    "spec.rules[1].when[0].magic": policy("ALLOW", to(ports=["1"]), {"when": [{"key": "source.ip", "magic": 1}]}),
    "spec.rules[0].to[0].operation.ports": policy("ALLOW", to(ports=["http"])),
    "spec.rules[0].from[0].source.ipBlocks": policy("ALLOW", of(ipBlocks=["10.0.0.0/99"])),
    "spec.selector.matchExpressions": policy("ALLOW", {}, selector={"matchExpressions": []}),
    "spec.action": policy("PERHAPS", {}),
}
STRANGE["spec.rules"].body["spec"]["rules"] = "all"


@pytest.mark.parametrize("path", STRANGE)
def test_a_field_or_value_that_is_not_known_is_unproven_at_its_place(path):
    found = verdict((STRANGE[path],), client())
    assert found.answer is UNPROVEN
    (doubt,) = (one for one in found.evidence if one.effect is Effect.UNKNOWN)
    assert doubt.object is not None
    assert doubt.object.key == STRANGE[path].key
    assert doubt.path.startswith(path.rpartition(".")[0])
    assert found.change


@pytest.mark.parametrize("path", STRANGE)
def test_what_is_not_known_is_an_opening_for_everybody_and_unproven(path):
    ours = layer(STRANGE[path], peers())
    found = [one for one in ours.openings("b") if one.peers.everywhere]
    assert UNPROVEN in [ours.verdict(client("c"), one.workload, one.request).answer for one in found]


def test_an_understood_deny_stays_a_deny():
    strange, shut = policy("ALLOW", {"via": []}), policy("DENY", {}, name="shut")
    assert answer((strange, shut)) is DENIED


def test_an_understood_allow_beside_one_that_is_not_lets_in():
    assert answer((policy("ALLOW", {"via": []}), policy("ALLOW", {}, name="open"))) is ALLOWED


def test_a_deny_that_is_not_understood_may_deny():
    assert answer((policy("DENY", {"via": []}),)) is UNPROVEN
    assert answer((policy("DENY", {"via": []}), policy("ALLOW", {}, name="open"))) is UNPROVEN


# Whether ipBlocks hold depends on addresses that only a running cluster gives.
IN_TEN = policy("ALLOW", of(ipBlocks=["10.0.0.0/8"]))


@pytest.mark.parametrize(
    ("addresses", "right"),
    [((), UNPROVEN), (("10.0.0.1",), ALLOWED), (("11.0.0.1",), DENIED), (("10.0.0.1", "11.0.0.1"), UNPROVEN)],
)
def test_a_pod_whose_address_is_not_known_is_unproven(addresses, right):
    assert answer((IN_TEN,), client(addresses=addresses)) is right


def test_the_destinations_address_may_be_unknown_too():
    here = when("destination.ip", values=["10.0.0.0/8"])
    assert answer((here,), client(), TCP) is UNPROVEN
    assert answer((here,), client(), TCP, web(addresses=("10.0.0.1",))) is ALLOWED


def test_what_else_the_rule_asks_for_may_settle_it():
    one = policy("ALLOW", {**of(ipBlocks=["10.0.0.0/8"], namespaces=["c"])})
    assert answer((one,), client("a")) is DENIED
    assert answer((one,), client("c")) is UNPROVEN


def test_an_unknown_field_of_peer_authentication_is_unproven():
    strange = made("security.istio.io/v1", "PeerAuthentication", "p", "b", spec={"mtls": {"mode": "STRICT"}, "x": 1})
    assert answer((strange,)) is UNPROVEN
