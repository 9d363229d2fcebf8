"""Dangerous powers are found by what rules grant, and never missed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantmesh.graph.api import POWERS, Power, Resource
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.api.objects import account, binding, cluster_role, group, layer, resource, role, rule, user
from tests.graph.api.randomly import World
from tests.graph.api.server_defaults import FILE

ALICE = user("alice")
DEVELOPERS = group("acme-developers")


def powers(*rules, to=ALICE):
    return layer(role("acme", "r", *rules), binding("acme", "b", "r", to)).powers("acme")


def names(held):
    return {one.power for one in held}


def test_reading_what_runs_is_no_power():
    assert powers(rule("get list watch", "pods pods/log services endpoints configmaps events")) == ()


@pytest.mark.parametrize(
    ("power", "call", "kind"),
    [(power, call, kind) for power, calls in POWERS.items() for call in calls for kind in call.resources],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_call_of_the_table_gives_its_power_alone(power, call, kind):
    """A rule for one verb and one kind gives the power, and the call that it tells is allowed."""
    kind = kind.replace("*", "scopes")
    for verb in sorted(call.verbs):
        mine = layer(role("acme", "r", rule(verb, kind, call.group)), binding("acme", "b", "r", ALICE))
        assert power in names(mine.powers("acme"))
        asked = resource(kind, "acme", group=call.group)
        assert mine.verdict(ALICE, verb, asked).answer is Answer.ALLOWED


def test_everything_gives_every_power_of_the_table():
    assert names(powers(rule("*", "*", "*"))) == set(POWERS)


def test_whoever_runs_pods_reads_secrets_and_acts_as_service_accounts():
    held = powers(rule("create", "deployments", "apps"))
    assert [(one.power, one.implied_by) for one in held] == [
        (Power.RUN_PODS, None),
        (Power.READ_SECRETS, Power.RUN_PODS),
        (Power.MAKE_TOKENS, Power.RUN_PODS),
    ]
    assert held[0].call == "User alice: create deployments.apps in namespace acme"


def test_a_power_names_the_binding_and_the_rule():
    (held,) = powers(rule("get", "pods"), rule("get", "secrets", names=["tls"]), to=DEVELOPERS)
    assert (held.power, held.names) == (Power.READ_SECRETS, ("tls",))
    assert [(str(one.key), one.path) for one in held.evidence] == [
        ("RoleBinding acme/b", "subjects[0]"),
        ("Role acme/r", "rules[1]"),
    ]
    assert held.call == "Group acme-developers: get secrets tls in namespace acme"


def test_a_named_object_cannot_be_deleted_with_all_others():
    """A collection's deletion tells no name, so a rule for names never fits it; the empty name is no limit."""
    assert powers(rule("deletecollection", "secrets", names=["a"])) == ()
    assert names(powers(rule("deletecollection", "secrets", names=["a", ""]))) == {Power.WRITE_SECRETS}


def test_the_call_that_is_told_is_one_that_the_rule_allows():
    """Verbs and kinds of one power don't all go together, nor does a verb whose requests tell no name."""
    (signs,) = powers(rule("approve update", "certificatesigningrequests/approval signers", "certificates.k8s.io"))
    assert [call for call in signs.calls if call[0] == "approve"] == [("approve", "signers.certificates.k8s.io")]
    assert "update certificatesigningrequests/approval" in signs.call
    (writes,) = powers(rule("deletecollection update", "secrets", names=["a"]))
    assert writes.call == "User alice: update secrets a in namespace acme"


def test_a_power_that_a_cycle_may_drop_is_told_with_its_doubt():
    objects = [
        cluster_role("one", rule("get", "secrets"), labels={"in": "one"}, aggregates=[{"matchLabels": {"in": "two"}}]),
        cluster_role("two", labels={"in": "two"}, aggregates=[{"matchLabels": {"in": "one"}}]),
        binding("", "b", "two", ALICE),
    ]
    (held,) = layer(*objects).powers("")
    assert [one.effect for one in held.evidence] == [Effect.ALLOWS, Effect.UNKNOWN]


def test_a_subresource_of_any_kind_is_seen():
    assert Power.ENTER_PODS in names(powers(rule("create", "*/exec")))
    assert Power.ACT_AS in names(powers(rule("impersonate", "userextras/scopes", "authentication.k8s.io")))


def test_what_is_bound_for_the_whole_cluster_is_told_once():
    objects = [cluster_role("c", rule("get", "secrets")), binding("", "b", "c", account("acme", "app"))]
    mine = layer(*objects, role("acme", "r"))
    (held,) = mine.powers("")
    assert (held.subject.home, held.power, held.namespace) == ("acme", Power.READ_SECRETS, "")
    assert mine.powers("acme") == ()


def test_what_the_server_made_itself_is_left_out_until_somebody_changes_it():
    """A manifest of a live cluster holds the server's own roles and bindings: they are no finding."""
    assert layer().powers("") == ()
    live = [json.loads(line) | {"apiVersion": "rbac.authorization.k8s.io/v1"} for line in FILE.read_text().splitlines()]
    assert layer(*live).powers("") == ()
    widened = cluster_role("system:discovery", rule("get", "secrets"))
    (held,) = layer(widened).powers("")
    assert (held.subject.name, held.power) == ("system:authenticated", Power.READ_SECRETS)
    rebound = binding("", "system:basic-user", "cluster-admin", group("system:authenticated"))
    assert names(layer(rebound).powers("")) == set(POWERS)


def test_a_role_that_is_not_there_may_grant_anything_one_day():
    (held,) = layer(binding("acme", "b", "chart-role", ALICE, kind="ClusterRole")).powers("acme")
    assert held.power is Power.ANYTHING_UNKNOWN
    assert held.evidence[0].reason == "ClusterRole chart-role is not there"
    assert held.call == ""


def test_a_subject_that_is_not_understood_is_everybody():
    bound = binding("acme", "b", "r")
    bound["subjects"] = [{"kind": "User", "name": object()}]
    held = layer(role("acme", "r", rule("get", "secrets")), bound).powers("acme")
    assert {(one.subject.name, one.power) for one in held} == {
        ("system:authenticated", Power.READ_SECRETS),
        ("system:authenticated", Power.ANYTHING_UNKNOWN),
    }


@settings(max_examples=80)
@given(seed=st.integers(0, 10**6))
def test_no_dangerous_call_is_missed(seed):
    """Whatever call of the table a verdict allows to somebody who is bound, the powers tell of it."""
    world = World(seed, "w", 6)
    mine = layer(*world.bodies)
    for namespace in world.namespaces:
        for subject in [*mine.subjects_of(namespace), *mine.subjects_of("")]:
            told = {one.power for place in ("", namespace) for one in mine.powers(place) if _is_of(subject, one)}
            for power in (Power.READ_SECRETS, Power.ENTER_PODS, Power.RUN_PODS, Power.GIVE_ANY_ROLE):
                calls = [
                    (verb, Resource(resource=kind, group=call.group, namespace=namespace, name="a"))
                    for call in POWERS[power]
                    for kind in call.resources
                    for verb in call.verbs
                ]
                if any(mine.verdict(subject, *call).answer is Answer.ALLOWED for call in calls):
                    assert power in told


def _is_of(subject, held):
    """Whether what is held by one subject is also another's, as a member of a group."""
    return held.subject == subject.named or held.subject.name in subject.memberships
