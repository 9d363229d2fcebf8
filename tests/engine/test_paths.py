"""Property paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine import paths
from tenantmesh.engine.provider import Diff, DiffKind, PropertyDiff
from tenantmesh.engine.secrets import secret_paths
from tenantmesh.engine.steps.diffing import ignore_changes, invert, replace_on_changes
from tenantmesh.engine.values import Secret
from tenantmesh.errors import ProgramError

PARSED = {
    "a": ("a",),
    "a.b": ("a", "b"),
    "a[0].b": ("a", 0, "b"),
    'a["b.c"][1]': ("a", "b.c", 1),
    'a["say \\"x\\""]': ("a", 'say "x"'),
    "a[*].b": ("a", "*", "b"),
    "*": ("*",),
    '["a"]': ("a",),
    "": (),
}


@pytest.mark.parametrize(("text", "keys"), PARSED.items())
def test_a_path_is_read(text, keys):
    assert paths.parse(text) == keys


@pytest.mark.parametrize("text", ["a[", "a]b", 'a["b', "a..b", "a[x]"])
def test_a_malformed_path_is_refused(text):
    with pytest.raises(ProgramError, match="not a property path"):
        paths.parse(text)


CONTAINED = [("a", "a", True), ("a", "a.b", True), ("a.b", "a", False), ("a[*].b", "a[3].b", True), ("*", "x.y", True)]


@pytest.mark.parametrize(("outer", "inner", "holds"), CONTAINED)
def test_a_path_contains_what_is_within_it(outer, inner, holds):
    assert paths.contains(paths.parse(outer), paths.parse(inner)) is holds


RESETS = {
    "changed": ("a", {"a": 1}, {"a": 2}, {"a": 1}, True),
    "added": ("a", {}, {"a": 2}, {}, True),
    "removed": ("a", {"a": 1}, {}, {"a": 1}, True),
    "nested": ("a.b", {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, {"a": {"b": 1, "c": 2}}, True),
    "every item": ("a[*].b", {"a": [{"b": 1}, {}]}, {"a": [{"b": 2}, {"b": 3}]}, {"a": [{"b": 1}, {}]}, True),
    "everything": ("*", {"a": 1, "b": 1}, {"b": 2, "c": 2}, {"a": 1, "b": 1}, True),
    "lists of other lengths": ("a[*].b", {"a": [{"b": 1}]}, {"a": []}, {"a": []}, False),
    "under a new parent": ("a.b", {}, {"a": {"b": 1}}, {"a": {"b": 1}}, False),
    "in neither": ("a.b", {}, {}, {}, True),
    "in a secret": ("a.b", {"a": Secret({"b": 1})}, {"a": Secret({"b": 2})}, {"a": Secret({"b": 1})}, True),
}


@pytest.mark.parametrize(("path", "old", "new", "expected", "done"), RESETS.values(), ids=RESETS.keys())
def test_ignored_changes_are_undone(path, old, new, expected, done):
    given_new = repr(new)
    result, failed = ignore_changes([path], old, new)
    assert result == expected
    assert failed == (() if done else (path,))
    assert repr(new) == given_new, "the inputs of the program were changed in place"


keys = st.text(st.sampled_from("ab.[]\"' "), min_size=1, max_size=4)
trees = st.recursive(
    st.integers() | st.integers().map(Secret),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys.filter(lambda key: "\\" not in key), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(keys, trees, max_size=3))
def test_the_path_of_every_secret_leads_to_it(value):
    found = secret_paths(value)
    for text in found:
        here: object = value
        for key in paths.parse(text):
            here = here[key]
        assert isinstance(here, Secret)
    assert len(found) == repr(value).count("[secret]")


def test_replace_on_changes_marks_the_detailed_diff():
    diff = Diff(
        changes=True,
        changed=("a",),
        detailed={"a.b": PropertyDiff(kind=DiffKind.UPDATE), "a.c": PropertyDiff(kind=DiffKind.ADD)},
    )
    changed = replace_on_changes(diff, ["a.b"], init_errors=False)
    assert changed.replaces == ("a.b",)
    assert changed.detailed["a.b"].kind is DiffKind.UPDATE_REPLACE
    assert changed.detailed["a.c"].kind is DiffKind.ADD


@pytest.mark.parametrize(
    ("wanted", "replaces"), [(["#initerror"], ("#initerror",)), (["*"], ("#initerror",)), (["a"], ())]
)
def test_init_errors_can_be_a_reason_to_replace(wanted, replaces):
    assert replace_on_changes(Diff(changes=False), wanted, init_errors=True).replaces == replaces


def test_a_diff_seen_from_the_other_side():
    diff = Diff(changes=True, detailed={"a": PropertyDiff(kind=DiffKind.ADD), "b": PropertyDiff(kind=DiffKind.UPDATE)})
    assert [item.kind for item in invert(diff).detailed.values()] == [DiffKind.DELETE, DiffKind.UPDATE]
