"""Tenants whose names sort otherwise: they are of one kind, and what follows is what is proven of each alone."""

import json
from random import Random

import pytest

from benchmarks.tenants import GRAPHS, arguments, neighbourhood
from tenantmesh.args.parse import parse_tenant
from tenantmesh.checks.alike.arranging import corresponding
from tenantmesh.plan.tenant import plan_tenant
from tests.checks.alike.mutating import mutated, owner
from tests.checks.alike.test_names_apart import NAMES, both, kinds
from tests.proof.judging import outline

SEEDS = range(5)
SETS = ("NetworkPolicy", "AuthorizationPolicy")
WORDS = ("tenantmesh.dev/exports", "tenantmesh.dev/imports")


def shuffled(names, seed):
    return Random(seed).sample(names, len(names))  # noqa: S311 -- reproducible, and no secret


def anywhere(seed):
    """Each tenant lets up to three others call, wherever they are."""
    pick = Random(seed)  # noqa: S311 -- reproducible, and no secret
    return lambda index, count: pick.sample([at for at in range(count) if at != index], pick.choice((0, 1, 2, 2, 3)))


def in_threes(index, _):
    """Of each three tenants all call one another."""
    return [at for at in range(index // 3 * 3, index // 3 * 3 + 3) if at != index]


def in_parts(names):
    """Of each three tenants the first lets both others call two ports, of which the second asks for one.

    A policy more has a rule for each of them, in the order of their names.
    """
    for at in range(0, len(names), 3):
        first, second, third = names[at : at + 3]
        exports = [{"service": "api", "ports": [8080, 9090], "to": sorted((second, third)), "reason": "orders"}]
        said = {
            first: {"exports": exports},
            second: {"imports": [{"tenant": first, "service": "api", "ports": [8080], "reason": "orders"}]},
            third: {"imports": [{"tenant": first, "service": "api", "ports": [8080, 9090], "reason": "orders"}]},
        }
        for name, sharing in said.items():
            yield from plan_tenant(parse_tenant(name, {**arguments(name), "sharing": sharing}))
        callers = [{"matchLabels": {"kubernetes.io/metadata.name": name}} for name in sorted((second, third))]
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "more", "namespace": first},
            "spec": {
                "podSelector": {"matchLabels": {"app.kubernetes.io/name": "api"}},
                "policyTypes": ["Ingress"],
                "ingress": [{"from": [{"namespaceSelector": caller}], "ports": [{"port": 8080}]} for caller in callers],
            },
        }


def in_another_order(bodies, seed):
    """The same objects, with all that is a set in another order."""
    pick = Random(seed)  # noqa: S311 -- reproducible, and no secret

    def mixed(value):
        if isinstance(value, dict):
            return {name: mixed(each) for name, each in value.items()}
        return pick.sample([mixed(each) for each in value], len(value)) if isinstance(value, list) else value

    for body in pick.sample(bodies, len(bodies)):
        if body["kind"] in SETS:
            yield mixed(body)
        elif body["kind"] == "Sidecar":
            yield {**body, "spec": {**body["spec"], "egress": [mixed(one) for one in body["spec"]["egress"]]}}
        elif body["kind"] == "Namespace":
            said = body["metadata"]["annotations"]
            words = {name: json.dumps(mixed(json.loads(said[name]))) for name in WORDS if name in said}
            yield {**body, "metadata": {**body["metadata"], "annotations": {**said, **words}}}
        else:
            yield body


@pytest.mark.parametrize("seed", SEEDS)
def test_tenants_are_alike_however_their_names_sort(seed):
    bodies = tuple(neighbourhood(shuffled(NAMES, seed)))
    assert kinds(bodies) == [list(NAMES)]
    derived, alone = both(bodies)
    assert derived == alone


def test_tenants_that_all_stand_to_one_another_alike_are_of_one_kind():
    bodies = tuple(neighbourhood(shuffled(NAMES[:12], 1), in_threes))
    assert kinds(bodies) == [list(NAMES[:12])]
    derived, alone = both(bodies)
    assert derived == alone


@pytest.mark.parametrize("graph", ["called", "calling"])
def test_all_around_one_tenant_are_of_one_kind(graph):
    bodies = tuple(neighbourhood(NAMES, GRAPHS[graph]))
    assert kinds(bodies) == [[NAMES[0]], list(NAMES[1:])]
    derived, alone = both(bodies)
    assert derived == alone


@pytest.mark.parametrize("graph", ["called", "calling"])
def test_however_many_are_around_one_tenant_they_are_of_one_kind(graph):
    many = [f"team-{at:03}" for at in range(150)]
    assert kinds(neighbourhood(many, GRAPHS[graph])) == [[many[0]], many[1:]]


@pytest.mark.parametrize("seed", SEEDS)
def test_tenants_with_a_part_of_their_own_are_like_those_with_the_same(seed):
    """The first of each three has two callers whom it treats alike, of which one asks for less."""
    names = shuffled(NAMES[:12], seed)
    bodies = tuple(in_parts(names))
    assert kinds(bodies) == sorted(sorted(names[part::3]) for part in range(3))
    derived, alone = both(bodies)
    assert derived == alone


def parted(*numbers):
    return [tuple(NAMES[at] for at in part) for part in numbers]


def test_names_whose_order_counts_are_not_exchanged():
    """Of two owners the first caller by name is the one that asks for less; the first route counts."""
    parts = parted((0, 4, 8), (1, 5, 9), (2, 10, 6), (3, 11, 7))
    routes = [
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": "api", "namespace": first},
            "spec": {
                "hosts": ["api"],
                "http": [{"route": [{"destination": {"host": f"api.{name}"}}]} for name in sorted(callers)],
            },
        }
        for first, *callers in parts
    ]
    found = kinds([*in_parts([name for part in parts for name in part]), *routes])
    assert [some for some in found if some[0] in NAMES[:4]] == [list(NAMES[:2]), list(NAMES[2:4])]


@pytest.mark.parametrize("versions", [("v1", "v1"), ("v1", "v1beta1")])
@pytest.mark.parametrize(
    ("kind", "group"), [("Sidecar", "networking.istio.io"), ("PeerAuthentication", "security.istio.io")]
)
def test_tenants_whose_names_say_which_object_counts_are_told_apart_by_their_order(kind, group, versions):
    """Of two callers the owner's name comes before its own, of two behind it; objects of two versions go by those."""
    parts = parted((0, 4, 8), (1, 5, 9), (6, 2, 10), (7, 3, 11))
    objects = [
        {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": name, "namespace": caller}, "spec": {}}
        for owner, caller, _ in parts
        for name, version in zip((caller, owner), versions, strict=True)
    ]
    found = kinds([*in_parts([name for part in parts for name in part]), *objects])
    assert [some for some in found if some[0] in NAMES[2:6]] == [list(NAMES[2:4]), list(NAMES[4:6])]


def test_who_declares_something_without_an_answer_is_part_of_a_kind():
    heard, unheard, asking = NAMES[:4], NAMES[4:8], NAMES[8:12]
    wanted = {
        caller: {"imports": [{"tenant": owner, "service": "api", "ports": [8080], "reason": "orders"}]}
        for caller, owner in zip(asking, heard, strict=True)
    }
    bodies = [
        body
        for name in NAMES[:12]
        for body in plan_tenant(parse_tenant(name, {**arguments(name), "sharing": wanted.get(name, {})}))
    ]
    assert kinds(bodies) == [list(heard), list(unheard), list(asking)]
    derived, alone = both(bodies)
    assert derived == alone


@pytest.mark.parametrize("seed", SEEDS)
def test_tenants_with_grants_anywhere_are_proven_as_if_each_were_alone(seed):
    derived, alone = both(tuple(neighbourhood(shuffled(NAMES, seed), anywhere(seed))))
    assert derived == alone


@pytest.mark.parametrize("seed", range(10))
def test_tenants_of_which_some_changed_are_proven_as_if_each_were_alone(seed):
    """Where most stay of one kind, names in another order are at the place of the change too."""
    names = shuffled(NAMES, seed)
    bodies, _ = mutated(tuple(neighbourhood(names)), names, seed)
    derived, alone = both(bodies)
    assert outline(derived) == outline(alone)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_proven_asks_of_no_order_that_means_nothing(seed):
    """So it may be taken away before tenants are compared."""
    bodies = tuple(neighbourhood(NAMES, GRAPHS["scattered"]))
    mixed = sorted(in_another_order(bodies, seed), key=owner)
    assert [json.dumps(one) for one in mixed] != [json.dumps(one) for one in sorted(bodies, key=owner)]
    (_, alone), (derived, other) = both(bodies), both(mixed)
    assert outline(other) == outline(alone)
    assert derived == other


def test_names_correspond_by_their_order():
    names, other = ("b", "c", "a"), ("x", "y", "z")
    # b is like x, a like y and c like z.
    assert corresponding(names, (0, 2, 1), (0, 1, 2)) == ("b", "a", "c")
    assert corresponding(other, (0, 1, 2), (0, 2, 1)) == ("x", "z", "y")
