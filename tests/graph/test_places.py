"""Namespace selectors answered from an index: the same as looking at every namespace."""

from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.labels import selector
from tenantmesh.graph.places import NAMESPACE_NAME, NamespaceIndex

NAMES = ("one", "two", "three")
VALUES = ("x", "y")
namespaces = st.fixed_dictionaries(
    {name: st.dictionaries(st.sampled_from(("team", "tier")), st.sampled_from(VALUES)) for name in NAMES}
)
keys = st.sampled_from(("team", "tier", NAMESPACE_NAME))
some_values = st.lists(st.sampled_from((*VALUES, *NAMES)), min_size=1, max_size=2)
requirement = st.one_of(
    st.tuples(
        keys, st.sampled_from(("In", "NotIn")), st.lists(st.sampled_from((*VALUES, *NAMES)), min_size=1, max_size=2)
    ),
    st.tuples(keys, st.sampled_from(("Exists", "DoesNotExist")), st.just([])),
)


@given(namespaces, st.lists(requirement, max_size=3))
def test_the_index_agrees_with_a_scan(labels, requirements):
    """For each namespace, and for one that nobody has heard of."""
    labels = {name: {**some, NAMESPACE_NAME: name} for name, some in labels.items()}
    wanted = selector({"matchExpressions": [{"key": k, "operator": o, "values": v} for k, o, v in requirements]})
    index = NamespaceIndex(labels)
    found = index.matching(wanted)
    for name in (*NAMES, "stranger"):
        assert (name in found) == wanted.matches(index.labels(name))


def test_excluding_a_few_lists_no_namespaces():
    """A selector that only excludes is everywhere but there, however many namespaces there are."""
    index = NamespaceIndex({f"n{number}": {"team": "x"} for number in range(100)} | {"b": {"team": "y"}})
    excluding = selector({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["y"]}]})
    found = index.matching(excluding)
    assert found.everywhere
    assert found.namespaces == {"b"}
