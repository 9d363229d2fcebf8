"""Defaults, previews, changes: what is filled in, what stays and what is replaced."""

import pytest

from tenantmesh.engine.provider import DiffKind
from tenantmesh.engine.values import UNKNOWN, Secret

STRING_DEFAULTS = {
    **dict.fromkeys(("special", "upper", "lower", "number", "numeric"), True),
    **dict.fromkeys(("minSpecial", "minUpper", "minLower", "minNumeric"), 0),
}

REPLACED = [
    ("Bytes", {"length": 4}, {"length": 5}, {"length"}),
    ("Bytes", {"length": 4}, {"length": 4, "keepers": {}}, {"keepers"}),
    ("Id", {"byteLength": 4}, {"byteLength": 5}, {"byteLength"}),
    ("Id", {"byteLength": 4}, {"byteLength": 4, "prefix": "a"}, {"prefix"}),
    ("Integer", {"min": 1, "max": 9}, {"min": 2, "max": 8}, {"min", "max"}),
    ("Integer", {"min": 1, "max": 9}, {"min": 1, "max": 9, "seed": "s"}, {"seed"}),
    ("Password", {"length": 8}, {"length": 9}, {"length"}),
    ("String", {"length": 8}, {"length": 8, "special": False}, {"special"}),
    ("String", {"length": 8}, {"length": 8, "minUpper": 1, "minLower": 1}, {"minUpper", "minLower"}),
    ("String", {"length": 8, "minSpecial": 1}, {"length": 8, "minNumeric": 2}, {"minSpecial", "minNumeric"}),
    ("String", {"length": 8}, {"length": 8, "numeric": False}, {"number", "numeric"}),
    ("String", {"length": 8}, {"length": 8, "number": False}, {"number", "numeric"}),
    ("String", {"length": 8}, {"length": 8, "overrideSpecial": "!"}, {"overrideSpecial"}),
    ("String", {"length": 8, "overrideSpecial": "!"}, {"length": 8}, {"overrideSpecial"}),
    ("Pet", {}, {"length": 3}, {"length"}),
    ("Pet", {}, {"separator": "_", "prefix": "p"}, {"separator", "prefix"}),
    ("Shuffle", {"inputs": ["a", "b"]}, {"inputs": ["b", "a"]}, {"inputs"}),
    ("Shuffle", {"inputs": ["a"]}, {"inputs": ["a"], "resultCount": 1}, {"resultCount"}),
    ("Uuid", {"keepers": {"a": "1"}}, {"keepers": {"a": "2"}}, {"keepers"}),
    ("Uuid4", {"keepers": {"a": "1"}}, {"keepers": {"a": "1", "b": "1"}}, {"keepers"}),
    ("Uuid7", {"keepers": {"a": "1"}}, {}, {"keepers"}),
    ("Uuid", {}, {"keepers": {"a": "1"}}, {"keepers"}),
    ("Uuid", {}, {"keepers": {"a": UNKNOWN}}, {"keepers"}),
    ("Uuid", {"keepers": {"a": "1"}}, {"keepers": {"a": UNKNOWN}}, {"keepers"}),
    ("String", {"length": 8}, {"length": UNKNOWN}, {"length"}),
]

UPDATED = [
    ("Uuid", {}, {"keepers": {}}, {"keepers"}),
    ("Uuid", {"keepers": {}}, {}, {"keepers"}),
    ("String", {"length": 8, "overrideSpecial": ""}, {"length": 8}, {"overrideSpecial"}),
    ("String", {"length": 8}, {"length": 8, "overrideSpecial": UNKNOWN}, {"overrideSpecial"}),
    ("Uuid", {}, {"keepers": UNKNOWN}, {"keepers"}),
]

SAME = [
    ("String", {"length": 8}, {"length": 8, "minUpper": 0, "special": True, "numeric": True}),
    ("String", {"length": 8, "numeric": False}, {"length": 8, "number": False}),
    ("Pet", {}, {"length": 2, "separator": "-"}),
    ("Uuid", {"keepers": {"a": 1, "b": True}}, {"keepers": {"b": "true", "a": "1"}}),
    ("String", {"length": 8}, {"length": 8.0}),
    ("String", {"length": 8}, {"length": "8"}),
    ("String", {"length": 8}, {"length": 8, "unheardOf": 1}),
]


@pytest.mark.parametrize(("kind", "old", "new", "replaces"), REPLACED)
def test_a_change_of_what_decides_the_value_replaces(random, kind, old, new, replaces):
    change = random.diff(kind, random.create(kind, old), new)
    assert change.changes
    assert set(change.replaces) == replaces


@pytest.mark.parametrize(("kind", "old", "new", "changed"), UPDATED)
def test_other_changes_update_in_place_and_keep_the_value(random, kind, old, new, changed):
    made = random.create(kind, old)
    change = random.diff(kind, made, new)
    assert change.changes
    assert change.replaces == ()
    assert set(change.changed) >= changed
    if UNKNOWN not in new.values():
        assert random.update(kind, made, new).outputs["result"] == made.outputs["result"]
        assert not random.diff(kind, random.update(kind, made, new), new).changes


@pytest.mark.parametrize(("kind", "old", "new"), SAME)
def test_the_same_said_otherwise_is_no_change(random, kind, old, new):
    assert not random.diff(kind, random.create(kind, old), new).changes


def test_a_replacement_names_the_changed_paths(random):
    made = random.create("Uuid", {"keepers": {"a": "1", "b.c": "2", "same": "3"}})
    change = random.diff("Uuid", made, {"keepers": {"a": "9", "same": "3", "new": "4"}})
    assert {path: one.kind for path, one in change.detailed.items()} == {
        "keepers.a": DiffKind.UPDATE_REPLACE,
        'keepers["b.c"]': DiffKind.DELETE_REPLACE,
        "keepers.new": DiffKind.ADD_REPLACE,
    }


@pytest.mark.parametrize(
    ("kind", "inputs", "defaults"),
    [
        ("String", {"length": 8}, STRING_DEFAULTS),
        ("Password", {"length": 8}, STRING_DEFAULTS),
        ("Pet", {}, {"length": 2, "separator": "-"}),
        ("String", {"length": 8, "number": False}, {"numeric": False}),
        ("String", {"length": 8, "numeric": False}, {"number": False}),
    ],
)
def test_defaults_appear_in_the_outputs_and_not_in_the_checked_inputs(random, kind, inputs, defaults):
    assert random.check(kind, inputs).inputs == inputs
    assert random.create(kind, inputs).outputs.items() >= defaults.items()
    assert random.preview(kind, inputs).items() >= defaults.items()


def test_a_preview_knows_inputs_and_not_what_is_generated(random):
    assert random.preview("Integer", {"min": 1, "max": UNKNOWN}) == {
        "min": 1,
        "max": UNKNOWN,
        "result": UNKNOWN,
        "id": UNKNOWN,
    }


def test_the_state_carries_the_schema_version_and_how_to_rebuild_it(random):
    outputs = random.create("Password", {"length": 8, "keepers": {"a": "b"}}).outputs
    assert outputs["__meta"] == '{"schema_version":"3"}'
    assert outputs["__pulumi_raw_state_delta"] == {
        "obj": {"ps": {"keepers": {"map": {}}, "overrideSpecial": Secret({"replace": {"raw": None}})}}
    }
    assert "__meta" not in random.create("Uuid", {}).outputs


def test_terraforms_own_names_are_kept_for_it(random):
    delta = random.create("Shuffle", {"inputs": []}).outputs["__pulumi_raw_state_delta"]
    assert delta["obj"]["renamed"] == {"inputs": "input", "results": "result"}


def test_passwords_and_bytes_are_secret(random):
    secret = {
        kind: random.provider.secret_outputs(random.resource(kind).type) for kind in ("Password", "Bytes", "String")
    }
    assert secret == {"Password": {"result", "bcryptHash"}, "Bytes": {"base64", "hex"}, "String": frozenset()}


def test_it_manages_all_ten_types_and_leaves_nothing_behind(random):
    kinds = ("Bytes", "Id", "Integer", "Password", "Pet", "Shuffle", "String", "Uuid", "Uuid4", "Uuid7")
    assert random.provider.types() == {random.resource(kind).type for kind in kinds}
    assert random.provider.locate(random.resource("Uuid"), {}) is None
