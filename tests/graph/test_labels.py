"""Label selectors: the specification's operators, and solving several selectors at once."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.labels import EVERYTHING, NOTHING, assignment, escape, selector

WEB = {"app": "web"}


def expression(operator: str, *values: str, key: str = "app") -> dict:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("body", "labels", "expected"),
    [
        ({}, {}, Fit.YES),
        (None, WEB, Fit.YES),
        ({"matchLabels": None, "matchExpressions": []}, WEB, Fit.YES),
        ({"matchLabels": WEB}, WEB, Fit.YES),
        ({"matchLabels": WEB}, {}, Fit.NO),
        ({"matchLabels": {"app": ""}}, {}, Fit.NO),
        (expression("In", "web", "db"), WEB, Fit.YES),
        (expression("In", "web"), {}, Fit.NO),
        (expression("NotIn", "web"), WEB, Fit.NO),
        (expression("NotIn", "web"), {}, Fit.YES),
        (expression("Exists"), {"app": ""}, Fit.YES),
        (expression("Exists"), {}, Fit.NO),
        (expression("DoesNotExist"), {}, Fit.YES),
        (expression("DoesNotExist"), WEB, Fit.NO),
        ({"matchLabels": WEB, **expression("NotIn", "web")}, WEB, Fit.NO),
    ],
)
def test_operators(body, labels, expected):
    """Every operator on a label that is there, another one, and none."""
    assert selector(body).fit(labels) is expected


@pytest.mark.parametrize(
    "body",
    [
        expression("Like", "web"),
        expression("In"),
        expression("Exists", "web"),
        {"matchFields": {}},
        {"matchLabels": {"app": 1}},
        {"matchLabels": {"app": object()}},
        "app=web",
    ],
)
def test_what_is_not_understood_is_unsure(body):
    """An unknown operator, field or value never selects for sure."""
    assert selector(body).fit(WEB) is Fit.UNSURE
    read = (
        selector({"matchLabels": {"tier": "x"}, **body})
        if isinstance(body, dict) and "matchLabels" not in body
        else NOTHING
    )
    assert read.fit(WEB) is Fit.NO


def test_what_is_understood_still_excludes():
    """A selector that is partly understood selects nothing that its other part does not."""
    assert selector({"matchLabels": {"tier": "x"}, **expression("Like", "web")}).fit(WEB) is Fit.NO


KEYS, VALUES = ("a", "b"), ("x", "y", "z")
# Every set of labels that the selectors below can tell apart: "any" and "any-2" are values that none of them names.
LABELS = [
    {key: value for key, value in zip(KEYS, values, strict=True) if value}
    for values in product(("", *VALUES, "any"), repeat=2)
]
some_values = st.lists(st.sampled_from(VALUES), min_size=1, max_size=2)
requirement = st.one_of(
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from(("In", "NotIn")),
        st.lists(st.sampled_from(VALUES), min_size=1, max_size=2),
    ),
    st.tuples(st.sampled_from(KEYS), st.sampled_from(("Exists", "DoesNotExist")), st.just([])),
)
selectors = st.lists(requirement, max_size=3).map(
    lambda some: selector({"matchExpressions": [{"key": k, "operator": o, "values": v} for k, o, v in some]})
)


@given(st.lists(selectors, max_size=3))
def test_an_assignment_satisfies_all_and_is_found_when_there_is_one(some):
    """The answer satisfies every selector; None only when no set of labels does."""
    found = assignment(*some)
    exists = any(all(one.matches(labels) for one in some) for labels in LABELS)
    assert (found is not None) == exists
    assert found is None or all(one.matches(found) for one in some)


@given(st.lists(selectors, max_size=3))
def test_an_escape_is_selected_by_none_and_is_found_when_there_is_one(some):
    """The answer is selected by no selector; None only when every set of labels is selected."""
    found = escape(some)
    exists = any(not any(one.matches(labels) for one in some) for labels in LABELS)
    assert (found is not None) == exists
    assert found is None or not any(one.matches(found) for one in some)


@given(selectors, selectors, st.sampled_from(LABELS))
def test_both_is_and(one, other, labels):
    """What both select is what their conjunction selects."""
    assert one.both(other).matches(labels) == (one.matches(labels) and other.matches(labels))


def test_everything_and_nothing():
    """An empty selector and a null one."""
    assert EVERYTHING.matches({})
    assert not NOTHING.matches({"": ""})
    assert not NOTHING.satisfiable
