"""A pod that many may call: a flow is held against the policies that may be about its other end, and no others."""

import pytest

from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.network.rules import Rule
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.network.objects import TCP_80, answer, layer, namespace, pod, policy, web

ALLOWED, DENIED = Answer.ALLOWED, Answer.DENIED
CALLERS = [f"caller-{number}" for number in range(30)]
OUTSIDE = Outside(address="203.0.113.7")
A_NODE = pod("a", "agent", host_network=True, spec={"nodeName": "n2"})


def ingress(*rules: dict) -> dict:
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": list(rules)}


def called(*names: str) -> list:
    """A policy for each caller, by the name of its namespace or, for every other one, by a label that only it has."""
    by_name = [{"matchLabels": {"kubernetes.io/metadata.name": name}} for name in names]
    by_label = [{"matchExpressions": [{"key": "who", "operator": "In", "values": [name]}]} for name in names]
    selectors = [one[at % 2] for at, one in enumerate(zip(by_name, by_label, strict=True))]
    return [
        policy(ingress({"from": [{"namespaceSelector": one}], "ports": [{"port": 80}]}), name=f"from-{name}")
        for name, one in zip(names, selectors, strict=True)
    ]


def test_a_flow_is_held_against_policies_that_may_be_about_its_other_end(monkeypatch):
    """Of a pod that many may call a flow asks few policies, and the answer is that of all of them."""
    asked = []
    match = Rule.match
    monkeypatch.setattr(Rule, "match", lambda rule, *others: asked.append(rule) or match(rule, *others))
    spaces = [namespace(name, who=name) for name in (*CALLERS, "stranger")]
    network = layer(*spaces, *called(*CALLERS), policy(ingress({"from": [{"podSelector": {}}]}), name="own"))
    for name in CALLERS:
        verdict = network.verdict(pod(name), web(), TCP_80)
        assert verdict.answer is ALLOWED
        assert [one.object.key.name for one in verdict.evidence if one.object] == [f"from-{name}"]
        assert network.verdict(pod(name), web(), Request(port=81)).answer is DENIED
    assert len(asked) == 2 * len(CALLERS)
    denied = network.verdict(pod("stranger"), web(), TCP_80)
    assert denied.answer is DENIED
    assert denied.reason.startswith("b/web is selected by NetworkPolicy b/from-caller-0 and 30 more")
    assert len([one for one in denied.evidence if one.effect is Effect.DENIES]) == len(CALLERS) + 1


@pytest.mark.parametrize("end", [OUTSIDE, A_NODE], ids=["outside", "a node"])
def test_what_is_no_pod_is_held_against_policies_about_more_than_pods(end):
    """Policies about pods of some namespaces are about nobody else; those with addresses may be."""
    block = policy(ingress({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}), name="block")
    there = web(spec={"nodeName": "n1"})
    assert answer((namespace("a"), *called("a")), end, there) is DENIED
    assert answer((namespace("a"), *called("a"), block), end, there) is ALLOWED
