"""Which policies hold for a pod, in which order they decide, and what they say of a request that no rule matches."""

import pytest

from tenantmesh.graph.flow import Outside
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.identity.objects import GET, STRANGER, answer, client, of, policy, to, verdict, web

ALLOWED, DENIED, UNPROVEN = Answer.ALLOWED, Answer.DENIED, Answer.UNPROVEN
FROM_A = of(namespaces=["a"])
EVERYTHING = {}
"""A rule that asks for nothing, and so matches every request."""

# https://istio.io/latest/docs/concepts/security/#implicit-enablement: CUSTOM, then DENY, then ALLOW.
ORDER = {
    "nothing is said": ((), ALLOWED),
    "an ALLOW matches": ((policy("ALLOW", FROM_A),), ALLOWED),
    "no ALLOW matches": ((policy("ALLOW", of(namespaces=["c"])),), DENIED),
    "one of two ALLOWs matches": ((policy("ALLOW"), policy("ALLOW", FROM_A, name="two")), ALLOWED),
    "one of two rules matches": ((policy("ALLOW", of(namespaces=["c"]), FROM_A),), ALLOWED),
    "an ALLOW without rules never matches": ((policy("ALLOW"),), DENIED),
    "an ALLOW with an empty rule always matches": ((policy("ALLOW", EVERYTHING),), ALLOWED),
    "a DENY without rules never matches": ((policy("DENY"),), ALLOWED),
    "a DENY with an empty rule always matches": ((policy("DENY", EVERYTHING),), DENIED),
    "a DENY goes before an ALLOW": ((policy("DENY", FROM_A), policy("ALLOW", FROM_A, name="two")), DENIED),
    "a DENY of others leaves all else open": ((policy("DENY", of(namespaces=["c"])),), ALLOWED),
    "an AUDIT decides nothing": ((policy("AUDIT", FROM_A),), ALLOWED),
    "a CUSTOM leaves it to somebody else": ((policy("CUSTOM", FROM_A, provider={"name": "asked"}),), UNPROVEN),
    "a CUSTOM that does not match is silent": (
        (policy("CUSTOM", to(ports=["1"]), provider={"name": "asked"}),),
        ALLOWED,
    ),
    "a DENY is sure whatever a CUSTOM says": (
        (policy("CUSTOM", EVERYTHING, provider={"name": "asked"}), policy("DENY", FROM_A, name="two")),
        DENIED,
    ),
    "no ALLOW matches whatever a CUSTOM says": (
        (policy("CUSTOM", EVERYTHING, provider={"name": "asked"}), policy("ALLOW", name="two")),
        DENIED,
    ),
}


@pytest.mark.parametrize("case", ORDER)
def test_actions_decide_in_their_order(case):
    objects, right = ORDER[case]
    assert answer(objects, providers=("asked",)) is right


def test_a_custom_policy_of_a_provider_that_the_mesh_lacks_refuses():
    """istiod lets such a policy deny: https://istio.io/latest/docs/tasks/security/authorization/authz-custom/."""
    assert answer((policy("CUSTOM", EVERYTHING, provider={"name": "gone"}),), providers=("asked",)) is DENIED


def test_the_action_is_allow_where_none_is_said():
    one = policy("ALLOW", of(namespaces=["c"]))
    del one.body["spec"]["action"]
    assert answer((one,)) is DENIED
    assert answer((one,), client("c")) is ALLOWED


@pytest.mark.parametrize(("said", "right"), [("true", ALLOWED), ("T", ALLOWED), ("1", ALLOWED), ("false", DENIED)])
def test_a_policy_that_is_only_tried_out_decides_nothing(said, right):
    """https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/."""
    metadata = {"annotations": {"istio.io/dry-run": said}}
    assert answer((policy("DENY", EVERYTHING, metadata=metadata),)) is right


# Which policies hold for `web` of namespace b with the label app: web.
PLACES = {
    "its namespace's without a selector": ({}, "b", DENIED),
    "its namespace's that selects it": ({"selector": {"matchLabels": {"app": "web"}}}, "b", DENIED),
    "its namespace's that selects others": ({"selector": {"matchLabels": {"app": "db"}}}, "b", ALLOWED),
    "its namespace's that asks for one label more": (
        {"selector": {"matchLabels": {"app": "web", "x": "y"}}},
        "b",
        ALLOWED,
    ),
    "an empty selector selects all": ({"selector": {"matchLabels": {}}}, "b", DENIED),
    "another namespace's": ({}, "a", ALLOWED),
    "the root namespace's holds everywhere": ({}, "istio-system", DENIED),
    "the root namespace's that selects it": ({"selector": {"matchLabels": {"app": "web"}}}, "istio-system", DENIED),
    "the root namespace's that selects others": ({"selector": {"matchLabels": {"app": "db"}}}, "istio-system", ALLOWED),
    "one that is attached to a gateway": (
        {"targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "web"}]},
        "b",
        ALLOWED,
    ),
    "one that is attached to a Service": (
        {"targetRefs": [{"group": "", "kind": "Service", "name": "web"}]},
        "b",
        ALLOWED,
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_policy_holds_where_it_stands_and_selects(case):
    fields, place, right = PLACES[case]
    assert answer((policy("DENY", EVERYTHING, place=place, **fields),)) is right


def test_the_root_namespace_is_what_the_mesh_says():
    everywhere = policy("DENY", EVERYTHING, place="roots")
    assert answer((everywhere,)) is ALLOWED
    assert answer((everywhere,), root_namespace="roots") is DENIED


def test_a_label_that_the_control_plane_may_add_leaves_it_unproven():
    one = policy("DENY", EVERYTHING, selector={"matchLabels": {"controller-uid": "1"}})
    assert answer((one,), destination=web(given=frozenset({"controller-uid"}))) is UNPROVEN


def test_where_there_is_no_proxy_nobody_is_asked():
    one = policy("DENY", EVERYTHING)
    assert answer((one,), destination=STRANGER) is ALLOWED
    assert verdict((one,), destination=Outside(host="example.com")).answer is ALLOWED


def test_the_verdict_names_what_decided_and_what_would_flip_it():
    fence = policy("DENY", of(notNamespaces=["b"]), name="fence")
    opened = policy("ALLOW", of(namespaces=["a"]), name="opened")
    found = verdict((fence, opened))
    assert found.answer is DENIED
    (decider,) = (one for one in found.evidence if one.effect is Effect.DENIES)
    assert (str(decider.key), decider.path) == ("AuthorizationPolicy b/fence", "spec.rules[0]")
    assert "spec.rules[0] of AuthorizationPolicy b/fence" in found.change
    allowed = verdict((opened,))
    assert [one.path for one in allowed.evidence if one.object is opened] == ["spec.rules[0]"]
    assert "AuthorizationPolicy b/opened" in allowed.change


# MeshConfig's trustDomainAliases: https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/.
DOMAINS = {"trust_domain": "new", "trust_domain_aliases": ("old",)}


@pytest.mark.parametrize("domain", ["new", "old", "cluster.local"])
def test_a_principal_of_the_mesh_means_the_same_in_all_its_trust_domains(domain):
    named = policy("ALLOW", of(principals=[f"{domain}/ns/a/sa/client"]))
    assert answer((named,), client(), GET, **DOMAINS) is ALLOWED
    assert answer((named,), client("c"), GET, **DOMAINS) is DENIED


@pytest.mark.parametrize(("domain", "right"), [("new", ALLOWED), ("old", ALLOWED), ("elsewhere", DENIED)])
def test_trust_domains_have_aliases_too(domain, right):
    assert answer((policy("ALLOW", of(trustDomains=[domain])),), client(), GET, **DOMAINS) is right


def test_after_a_refusal_nothing_else_is_asked():
    """The policies that would allow it are no evidence."""
    found = verdict((policy("DENY", FROM_A, name="fence"), policy("ALLOW", FROM_A, name="open")))
    assert found.answer is DENIED
    assert [one.key.name for one in found.evidence if one.object] == ["fence"]


def test_of_many_policies_a_reason_names_some_and_the_evidence_all():
    names = [f"for-{number}" for number in range(10)]
    found = verdict(tuple(policy("ALLOW", of(principals=[f"cluster.local/ns/{one}/sa/*"]), name=one) for one in names))
    assert found.answer is DENIED
    assert "b/for-7 and 2 more allows it" in found.reason
    assert "for-8" not in found.reason
    assert [one.key.name for one in found.evidence if one.effect is Effect.DENIES] == names
