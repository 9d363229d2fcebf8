"""What the API layer does not understand, or cannot know, leaves the answer open and is named."""

import pytest

from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.api.asking import ALICE, SECRETS, answer
from tests.graph.api.objects import binding, cluster_role, layer, resource, role, rule, user


def test_what_the_node_authorizer_decides_is_not_proven():
    verdict = layer().verdict(user("system:node:one", "system:nodes"), "get", SECRETS)
    assert verdict.answer is Answer.UNPROVEN
    assert "node authorizer" in verdict.evidence[0].reason


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
