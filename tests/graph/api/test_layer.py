"""The API layer's answers carry the binding and the rule."""

import pytest

from tenantmesh.graph.api import Resource
from tenantmesh.graph.verdict import Answer
from tests.graph.api.asking import ALICE, SECRETS, answer
from tests.graph.api.objects import account, binding, cluster_role, group, layer, resource, role, rule, url_rule, user


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


def test_a_resource_reads_as_it_is_asked_for():
    assert str(Resource(resource="pods/exec", namespace="acme", name="x")) == "pods/exec x in namespace acme"
    assert str(Resource(resource="nodes")) == "nodes of the cluster"
