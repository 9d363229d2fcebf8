"""The API layer's answers carry the binding and the rule, and end in a clear result whatever refers to whatever."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantmesh.graph.api import Resource
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.api.objects import (
    account,
    binding,
    cluster_role,
    group,
    layer,
    resource,
    role,
    rule,
    url_rule,
    user,
)
from tests.graph.api.randomly import World

ALICE = user("alice")
SECRETS = resource("secrets", "acme")


def answer(objects, subject, verb, target):
    return layer(*objects).verdict(subject, verb, target).answer


def test_nobody_may_anything_without_a_binding():
    verdict = layer(role("acme", "r", rule("get", "secrets"))).verdict(ALICE, "get", SECRETS)
    assert verdict.answer is Answer.DENIED
    bind = "name User alice in a RoleBinding in namespace acme"
    assert verdict.change == f"{bind} to a role with a rule that grants get secrets in namespace acme"


def test_an_allowed_request_names_the_binding_and_the_rule():
    objects = [
        role("acme", "r", rule("get", "pods"), rule("get", "secrets")),
        binding("acme", "b", "r", user("bob"), ALICE),
    ]
    verdict = layer(*objects).verdict(ALICE, "get", SECRETS)
    assert verdict.answer is Answer.ALLOWED
    assert [(str(one.key), one.path) for one in verdict.evidence] == [
        ("RoleBinding acme/b", "subjects[1]"),
        ("Role acme/r", "rules[1]"),
    ]
    assert verdict.change == "take subjects[1] out of RoleBinding acme/b, or rules[1] out of Role acme/r"


def test_an_aggregated_rule_names_the_role_in_which_it_is_written():
    objects = [
        cluster_role("all", aggregates=[{"matchLabels": {"part": "of"}}]),
        cluster_role("leaf", rule("get", "secrets"), labels={"part": "of"}),
        binding("", "b", "all", ALICE),
    ]
    verdict = layer(*objects).verdict(ALICE, "get", SECRETS)
    assert [str(one.key) for one in verdict.evidence] == ["ClusterRoleBinding b", "ClusterRole leaf"]


def test_a_cluster_role_bound_in_a_namespace_holds_there_only():
    objects = [cluster_role("c", rule("get", "secrets")), binding("acme", "b", "c", ALICE, kind="ClusterRole")]
    assert answer(objects, ALICE, "get", SECRETS) is Answer.ALLOWED
    assert answer(objects, ALICE, "get", resource("secrets", "globex")) is Answer.DENIED
    assert answer(objects, ALICE, "get", resource("secrets")) is Answer.DENIED


def test_a_rule_for_names_fits_no_request_that_tells_none():
    objects = [role("acme", "r", rule("get create", "secrets", names=["a"])), binding("acme", "b", "r", ALICE)]
    assert answer(objects, ALICE, "get", resource("secrets", "acme", name="a")) is Answer.ALLOWED
    assert answer(objects, ALICE, "get", resource("secrets", "acme", name="b")) is Answer.DENIED
    assert answer(objects, ALICE, "create", SECRETS) is Answer.DENIED


@pytest.mark.parametrize(
    "subject", [account("acme", "app"), user("system:serviceaccount:acme:app")], ids=["by kind", "by user name"]
)
@pytest.mark.parametrize(
    "bound",
    [
        account("acme", "app"),
        user("system:serviceaccount:acme:app"),
        group("system:serviceaccounts"),
        group("system:serviceaccounts:acme"),
        group("system:authenticated"),
    ],
    ids=str,
)
def test_a_service_account_is_itself_however_it_is_named(subject, bound):
    objects = [role("globex", "r", rule("get", "secrets")), binding("globex", "b", "r", bound)]
    assert answer(objects, subject, "get", resource("secrets", "globex")) is Answer.ALLOWED
    assert answer(objects, account("other", "app"), "get", resource("secrets", "globex")) is (
        Answer.ALLOWED if bound.name in ("system:serviceaccounts", "system:authenticated") else Answer.DENIED
    )


def test_a_member_of_a_group_is_no_service_account_unless_the_group_is_theirs():
    objects = [role("acme", "r", rule("get", "secrets")), binding("acme", "b", "r", group("system:serviceaccounts"))]
    assert answer(objects, group("people"), "get", SECRETS) is Answer.DENIED
    assert answer(objects, ALICE, "get", SECRETS) is Answer.DENIED
    assert answer(objects, group("system:serviceaccounts:acme"), "get", SECRETS) is Answer.ALLOWED


@pytest.mark.parametrize(
    ("labels", "taken"),
    [
        ({"part": "of", "tier": "x"}, True),
        ({"part": "of", "tier": "z"}, False),
        ({"part": "of"}, False),
        ({"tier": "x"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_an_aggregation_takes_the_roles_that_all_of_a_selector_fits(labels, taken):
    part = {"key": "tier", "operator": "In", "values": ["x", "y"]}
    objects = [
        cluster_role("c", aggregates=[{"matchLabels": {"part": "of"}, "matchExpressions": [part]}]),
        cluster_role("leaf", rule("get", "secrets"), labels=labels),
        binding("", "b", "c", ALICE),
    ]
    assert answer(objects, ALICE, "get", SECRETS) is (Answer.ALLOWED if taken else Answer.DENIED)


def test_an_empty_selector_takes_every_role_and_no_selector_none():
    leaf = cluster_role("leaf", rule("get", "example"))
    bound = binding("", "b", "c", ALICE)
    asked = resource("example", "acme")
    assert answer([cluster_role("c", aggregates=[{}]), leaf, bound], ALICE, "get", asked) is Answer.ALLOWED
    assert answer([cluster_role("c", aggregates=[]), leaf, bound], ALICE, "get", asked) is Answer.DENIED


def test_an_anonymous_user_is_not_authenticated():
    objects = [role("acme", "r", rule("get", "secrets")), binding("acme", "b", "r", group("system:authenticated"))]
    assert answer(objects, ALICE, "get", SECRETS) is Answer.ALLOWED
    assert answer(objects, user("system:anonymous"), "get", SECRETS) is Answer.DENIED


def test_the_masters_are_asked_for_no_role():
    assert answer([], user("root", "system:masters"), "delete", SECRETS) is Answer.ALLOWED


def test_what_the_node_authorizer_decides_is_not_proven():
    verdict = layer().verdict(user("system:node:one", "system:nodes"), "get", SECRETS)
    assert verdict.answer is Answer.UNPROVEN
    assert "node authorizer" in verdict.evidence[0].reason


def test_everybody_may_read_the_version_as_on_every_server():
    assert answer([], user("system:anonymous"), "get", "/version") is Answer.ALLOWED
    assert answer([], ALICE, "get", "/metrics") is Answer.DENIED


def test_a_path_is_granted_for_the_cluster_only():
    granting = cluster_role("c", url_rule("/metrics", "/debug/*"))
    assert answer([granting, binding("", "b", "c", ALICE)], ALICE, "get", "/debug/pprof") is Answer.ALLOWED
    bound = binding("acme", "b", "c", ALICE, kind="ClusterRole")
    assert answer([granting, bound], ALICE, "get", "/debug/pprof") is Answer.DENIED


@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
def test_a_role_that_is_not_there_grants_nothing_and_says_so(kind):
    verdict = layer(binding("acme", "b", "gone", ALICE, kind=kind)).verdict(ALICE, "get", SECRETS)
    assert verdict.answer is Answer.DENIED
    assert "is not there" in verdict.evidence[0].reason
    assert verdict.evidence[0].path == "roleRef"


def test_rules_kept_alive_by_a_cycle_alone_are_not_proven():
    """Two aggregated roles that select one another hand an old rule to and fro, or lose it."""
    objects = [
        cluster_role("one", rule("get", "secrets"), labels={"in": "one"}, aggregates=[{"matchLabels": {"in": "two"}}]),
        cluster_role("two", labels={"in": "two"}, aggregates=[{"matchLabels": {"in": "one"}}]),
        binding("", "b", "two", ALICE),
    ]
    verdict = layer(*objects).verdict(ALICE, "get", SECRETS)
    assert verdict.answer is Answer.UNPROVEN
    assert [str(one.key) for one in verdict.evidence if one.effect is Effect.UNKNOWN] == ["ClusterRole one"]
    assert answer(objects, ALICE, "list", SECRETS) is Answer.DENIED


def test_rules_written_into_an_aggregated_role_are_overwritten():
    objects = [
        cluster_role("c", rule("get", "secrets"), aggregates=[{"matchLabels": {"part": "of"}}]),
        cluster_role("leaf", rule("get", "pods"), labels={"part": "of"}),
        binding("", "b", "c", ALICE),
    ]
    assert answer(objects, ALICE, "get", SECRETS) is Answer.DENIED
    assert answer(objects, ALICE, "get", resource("pods", "acme")) is Answer.ALLOWED


def test_a_long_chain_of_aggregated_roles_ends():
    """Deeper than Python's own stack."""
    chain = [
        cluster_role(f"r{depth}", labels={"at": str(depth)}, aggregates=[{"matchLabels": {"at": str(depth + 1)}}])
        for depth in range(3000)
    ]
    leaf = cluster_role("leaf", rule("get", "secrets"), labels={"at": "3000"})
    assert answer([*chain, leaf, binding("", "b", "r0", ALICE)], ALICE, "get", SECRETS) is Answer.ALLOWED


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda role, _: role.update(exceptions=[]), "exceptions"),
        (lambda role, _: role["rules"][0].update(when="always"), "rules[0].when"),
        (lambda role, _: role["rules"][0].update(verbs=object()), "rules[0]"),
        (lambda role, _: role["rules"][0].update(resources=["pods", object()]), "rules[0]"),
        (lambda role, _: role["rules"][0].update(resourceNames=[object()]), "rules[0]"),
        (lambda role, _: role.update(rules=object()), "rules"),
        (lambda _, binding: binding.update(condition="never"), "condition"),
        (lambda _, binding: binding.update(roleRef={"kind": "RoleSet", "name": "r"}), "roleRef"),
        (lambda _, binding: binding.update(roleRef=object()), "roleRef"),
        (lambda _, binding: binding["subjects"].append({"kind": "Team", "name": "x"}), "subjects[1]"),
        (lambda _, binding: binding["subjects"].append(object()), "subjects[1]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_understood_is_not_proven(change, path):
    """An unknown field, or a value that only a deployment knows, leaves the answer open and is named."""
    objects = [role("acme", "r", rule("get", "pods")), binding("acme", "b", "r", ALICE)]
    change(*objects)
    verdict = layer(*objects).verdict(ALICE, "get", SECRETS)
    assert verdict.answer is Answer.UNPROVEN
    assert path in [one.path for one in verdict.evidence]


def test_a_subject_that_is_not_understood_may_be_anybody():
    objects = [cluster_role("c", rule("get", "secrets")), binding("", "b", "c")]
    objects[1]["subjects"] = [{"kind": "User", "name": object()}]
    assert answer(objects, ALICE, "get", SECRETS) is Answer.UNPROVEN
    assert answer(objects, ALICE, "get", resource("pods", "acme")) is Answer.UNPROVEN


def test_selectors_that_are_not_understood_leave_the_role_open():
    objects = [cluster_role("c", aggregates=[{"matchNames": ["x"]}]), binding("", "b", "c", ALICE)]
    verdict = layer(*objects).verdict(ALICE, "get", SECRETS)
    assert verdict.answer is Answer.UNPROVEN
    assert verdict.evidence[0].path == "aggregationRule.clusterRoleSelectors"


def test_subjects_and_their_places_are_found():
    objects = [
        role("acme", "r", rule()),
        role("globex", "r", rule()),
        binding("acme", "b", "r", group("ops"), account("globex", "app")),
        binding("globex", "b", "r", group("ops"), user("system:serviceaccount:globex:app")),
        binding("", "b", "view", group("ops")),
    ]
    mine = layer(*objects)
    assert mine.places == {group("ops"): ("", "acme", "globex"), account("globex", "app"): ("acme", "globex")}
    assert [str(one.object.key) for one in mine.subjects_of("acme")[group("ops")]] == ["RoleBinding acme/b"]


@pytest.mark.parametrize(
    ("subject", "home"),
    [
        (account("acme", "app"), "acme"),
        (user("system:serviceaccount:acme:app"), "acme"),
        (group("system:serviceaccounts:acme"), "acme"),
        (group("system:serviceaccounts"), ""),
        (user("alice"), ""),
        (user("system:serviceaccount:acme"), ""),
        (user("system:serviceaccount:acme:"), ""),
        (group("acme"), ""),
    ],
    ids=str,
)
def test_only_service_accounts_have_a_home(subject, home):
    assert subject.home == home


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), kept=st.integers(0, 2**32 - 1))
def test_a_binding_more_never_takes_a_right_away(seed, kept):
    """Rights only add up; a question is asked of a random part of the bindings and of all of them."""
    world = World(seed, "w", 8)
    bindings = (*world.bindings, *world.cluster_bindings)
    some = [one for index, one in enumerate(bindings) if kept >> (index % 32) & 1]
    roles = (*world.roles, *world.cluster_roles)
    less, more = layer(*roles, *some), layer(*roles, *bindings)
    for _ in range(20):
        question = world.question()
        if less.verdict(*question).answer is Answer.ALLOWED:
            assert more.verdict(*question).answer is Answer.ALLOWED


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), named=st.booleans())
def test_what_is_taken_away_as_the_verdict_says_is_gone(seed, named):
    """The named rules or the named subjects are all that allowed the request."""
    world = World(seed, "w", 8)
    mine, own = layer(*world.bodies), {id(body) for body in world.bodies}
    for _ in range(20):
        question = world.question()
        verdict = mine.verdict(*question)
        # What the server's own roles allow cannot be taken out of a manifest that does not hold them.
        if verdict.answer is not Answer.ALLOWED or any(id(one.object.body) not in own for one in verdict.evidence):
            continue
        field = "subjects" if named else "rules"
        removed = {(id(one.object.body), one.path) for one in verdict.evidence if one.path.startswith(field)}
        left = layer(*[_without(body, removed) for body in world.bodies]).verdict(*question)
        assert left.answer is not Answer.ALLOWED


def _without(body, removed):
    found = dict(body)
    for field in ("rules", "subjects"):
        if field in body:
            found[field] = [
                one for index, one in enumerate(body[field]) if (id(body), f"{field}[{index}]") not in removed
            ]
    return found


def test_a_resource_reads_as_it_is_asked_for():
    assert str(Resource(resource="pods/exec", namespace="acme", name="x")) == "pods/exec x in namespace acme"
    assert str(Resource(resource="nodes")) == "nodes of the cluster"
