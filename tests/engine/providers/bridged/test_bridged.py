"""What every bridged provider does, on a small provider of its own."""

from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine.provider import Ambient, Created, DiffKind, Resource
from tenantmesh.engine.providers.bridged import BridgedProvider, Field, Kind, ResourceType, Role
from tenantmesh.engine.providers.bridged.detail import detailed_diff
from tenantmesh.engine.providers.bridged.schema import always
from tenantmesh.engine.values import UNKNOWN

FIELDS = {
    "name": Field(role=Role.REQUIRED, replaces=always),
    "size": Field(kind=Kind.INTEGER, default=1),
    "limit": Field(role=Role.EITHER, kind=Kind.INTEGER),
    "tags": Field(kind=Kind.STRINGS),
    "labels": Field(kind=Kind.STRING_MAP),
    "place": Field(kind=Kind.OBJECT, fields={"town": Field(), "streets": Field(kind=Kind.STRINGS)}),
    "born": Field(role=Role.OUTPUT),
    "fresh": Field(role=Role.OUTPUT, keeps=False),
    "id": Field(role=Role.OUTPUT),
}
KIND = ResourceType(
    token="toy:index:Thing",
    fields=FIELDS,
    make=lambda planned: {"id": planned["name"], "born": "today", "fresh": "made"},
)
PROVIDER = BridgedProvider(Ambient(), [KIND])
RESOURCE = Resource(urn="urn:pulumi:dev::demo::toy:index:Thing::it", type=KIND.token, name="it")

TEXTS = st.text(max_size=4)
INPUTS = st.fixed_dictionaries(
    {"name": TEXTS},
    optional={
        "size": st.integers(0, 9),
        "limit": st.integers(0, 9),
        "tags": st.lists(TEXTS, max_size=3),
        "labels": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "place": st.fixed_dictionaries({}, optional={"town": TEXTS, "streets": st.lists(TEXTS, max_size=2)}),
    },
)


def _create(inputs) -> Created:
    return PROVIDER.create(RESOURCE, inputs, preview=False)


def _diff(made, inputs):
    return PROVIDER.diff(RESOURCE, made.id, made, {}, inputs)


@given(inputs=INPUTS)
def test_what_was_made_of_inputs_has_no_change_against_them(inputs):
    made = _create(inputs)
    assert not _diff(made, inputs).changes
    found = PROVIDER.read(RESOURCE, made.id, made.outputs, inputs)
    assert found is not None
    assert (found.id, found.outputs, found.inputs) == (made.id, made.outputs, inputs)


@given(old=INPUTS, new=INPUTS)
def test_an_update_reaches_what_its_diff_shows(old, new):
    new = new | {"name": old["name"]}
    made = _create(old)
    change = _diff(made, new)
    updated = PROVIDER.update(RESOURCE, made.id, made, old, new, preview=False)
    assert change.replaces == ()
    assert {path.split(".")[0].split("[")[0] for path in change.detailed} == set(change.changed)
    assert updated.outputs["born"] == made.outputs["born"]
    values = {name for name in FIELDS if updated.outputs.get(name) != made.outputs.get(name)}
    assert values == set(change.changed)


@given(old=INPUTS, new=INPUTS)
def test_a_replacement_is_one_exactly_when_a_replacing_field_changes(old, new):
    change = _diff(_create(old), new)
    assert change.replaces == (("name",) if old["name"] != new["name"] else ())
    kinds = {one.kind for path, one in change.detailed.items() if path == "name"}
    assert kinds == ({DiffKind.UPDATE_REPLACE} if old["name"] != new["name"] else set())


@given(inputs=INPUTS)
def test_a_preview_shows_what_comes_but_for_what_is_made(inputs):
    preview = PROVIDER.create(RESOURCE, inputs, preview=True).outputs
    made = _create(inputs).outputs
    known = {name: value for name, value in preview.items() if value is not UNKNOWN}
    assert made.items() >= known.items()
    assert {"id", "born", "fresh"} <= preview.keys() - known.keys()


def test_an_output_that_is_not_kept_is_unknown_in_any_change():
    change = _diff(_create({"name": "a"}), {"name": "a", "size": 2})
    assert change.changed == ("fresh", "size")


def test_a_value_that_the_provider_may_choose_stays_when_it_is_no_longer_set():
    made = _create({"name": "a", "limit": 5})
    assert not _diff(made, {"name": "a"}).changes


def test_a_list_shows_the_places_that_change():
    changes = detailed_diff({"tags": ["a", "b", "c"]}, {"tags": ["b", "c", "d"]}, ())
    assert {path: one.kind for path, one in changes.items()} == {"tags[0]": DiffKind.DELETE, "tags[2]": DiffKind.ADD}


def test_a_path_quotes_what_would_look_like_a_path():
    changes = detailed_diff({"labels": {}}, {"labels": {"a.b": "1", 'q"': "2", "": "3", "plain": UNKNOWN}}, ("labels",))
    assert set(changes) == {'labels["a.b"]', 'labels["q\\""]', 'labels[""]', "labels.plain"}
    assert {one.kind for one in changes.values()} == {DiffKind.ADD_REPLACE}


def test_types_are_converted_as_the_bridge_converts_them():
    inputs = {"name": 1.5, "size": "3", "limit": "", "tags": [True, 2], "labels": {"a": 1.0}}
    outputs = _create(inputs).outputs
    expected = {"name": "1.5", "size": 3, "tags": ["true", "2"], "labels": {"a": "1"}}
    assert outputs.items() >= expected.items()
    assert "limit" not in outputs


def test_an_imported_resource_keeps_only_the_inputs_that_say_something():
    kind = ResourceType(
        token=KIND.token,
        fields=FIELDS,
        make=KIND.make,
        restore=lambda identifier: {"id": identifier, "name": "", "size": 0, "tags": [], "place": {"town": "x"}},
    )
    found = BridgedProvider(Ambient(), [kind]).read(RESOURCE, "a", {}, {})
    assert found is not None
    assert found.inputs == {"name": "", "place": {"town": "x"}}
