"""Who can fit a value of a policy is known by the namespace in a member's name, whatever the name looks like."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph import nearby
from tenantmesh.graph.flow import Request
from tenantmesh.graph.identity import attached, conditions, policies
from tenantmesh.graph.identity.circumstances import Circumstances
from tenantmesh.graph.identity.conditions import condition
from tenantmesh.graph.identity.members import meant, near_to
from tenantmesh.graph.nearby import Nearby
from tests.graph.identity.generator import NAMESPACES, requests, sources, world
from tests.graph.identity.ours import layer

WORDS = ("a", "ns", "sa", "b.c", "*", "a*", "")
PARTS = ("spiffe:", *WORDS)
words = st.sampled_from(WORDS)
principals = st.one_of(
    st.none(),
    st.builds("spiffe://{}/ns/{}/sa/{}".format, words, words, words),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=9).map("/".join),
)
values = st.one_of(
    st.tuples(st.just("source.principal"), st.builds("{}/ns/{}/sa/{}".format, words, words, words)),
    st.tuples(st.just("source.principal"), st.lists(words, min_size=1, max_size=7).map("/".join)),
    st.tuples(st.just("source.namespace"), st.one_of(words, st.builds("{}/{}".format, words, words))),
    st.tuples(st.just("source.serviceAccount"), st.builds("{}/{}".format, words, words)),
)


@given(values, principals)
def test_nobody_fits_a_value_who_is_not_meant(value, principal):
    attribute, text = value
    one = condition(attribute, (text,), (), "path", "a")
    fits = one.fit(Circumstances(Request(port=80), principal=principal)) != "no"
    assert not fits or near_to(Nearby([(one, meant(attribute, (text,)))]), principal)


@pytest.mark.parametrize(
    ("attribute", "value", "namespaces"),
    [
        ("source.principal", "cluster.local/ns/a/sa/*", {"a"}),
        ("source.principal", "cluster.local/ns/a/sa/web", {"a"}),
        ("source.principal", "cluster.local/ns/a*", None),
        ("source.principal", "*/ns/a/sa/web", None),
        ("source.namespace", "a", {"a"}),
        ("source.namespace", "a*", None),
        ("source.serviceAccount", "a/web", {"a"}),
        ("source.trustDomain", "cluster.local", None),
    ],
)
def test_whom_a_value_means(attribute, value, namespaces):
    assert meant(attribute, (value,)) == namespaces


def test_members_are_held_against_what_means_their_namespace():
    things = Nearby([("a", frozenset({"a"})), ("any", None), ("b", frozenset({"b"}))])
    assert near_to(things, "spiffe://cluster.local/ns/a/sa/web") == ["a", "any"]
    assert near_to(things, "spiffe://cluster.local/ns/c/sa/web") == ["any"]
    assert near_to(things, None) == ["any"]
    assert near_to(things, "CN=client") == ["a", "any", "b"]


@given(st.integers(0, 2**48).map(Random))
def test_to_ask_only_what_can_mean_somebody_changes_no_answer(chance):
    """With all lists told apart, however short, and with none."""
    mesh = world(chance)
    flows = [(sources(chance), requests(chance)) for _ in range(4)]

    def told():
        ours = layer(mesh)
        answers = [ours.verdict(source, mesh.destination, request) for source, request in flows]
        return answers, [ours.openings(name) for name in NAMESPACES]

    with pytest.MonkeyPatch.context() as patched:
        for module in (attached, conditions, policies):
            patched.setattr(module, "MANY", 1)
        apart = told()
        patched.setattr(nearby, "_FEW", -1)
        assert told() == apart
