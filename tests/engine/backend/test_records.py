"""A resource keeps every field through a checkpoint, known or not."""

import pytest

from tenantmesh.engine.backend.crypter import Crypter
from tenantmesh.engine.backend.properties import SIGNATURE, PropertyCodec
from tenantmesh.engine.backend.records import decode_operation, decode_resource, encode_operation, encode_resource
from tenantmesh.engine.resource import CustomTimeouts, OperationType
from tenantmesh.engine.values import Secret
from tenantmesh.errors import StateError

KEY = Crypter(bytes(32), "salt")
PARENT = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"
FULL = {
    "urn": "urn:pulumi:dev::p::a:b:C::c",
    "custom": True,
    "delete": True,
    "id": "identifier",
    "type": "a:b:C",
    "inputs": {"key": {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": KEY.encrypt('"marker"')}},
    "outputs": {"a": [1, {"b": None}]},
    "parent": PARENT,
    "protect": True,
    "taint": True,
    "external": True,
    "dependencies": [PARENT],
    "initErrors": ["not ready"],
    "provider": "urn:pulumi:dev::p::pulumi:providers:a::default::id",
    "propertyDependencies": {"key": [PARENT], "other": []},
    "pendingReplacement": True,
    "additionalSecretOutputs": ["a"],
    "aliases": ["urn:old"],
    "customTimeouts": {"create": 30, "read": 7},
    "importID": "imported",
    "retainOnDelete": True,
    "deletedWith": PARENT,
    "replaceWith": [PARENT],
    "created": "2026-01-01T00:00:00Z",
    "modified": "2026-01-02T00:00:00Z",
    "sourcePosition": "project:///a.py#1",
    "stackTrace": [{"sourcePosition": "project:///a.py#1"}, {}],
    "ignoreChanges": ["a"],
    "hideDiff": ["b"],
    "replaceOnChanges": ["c"],
    "refreshBeforeUpdate": True,
    "replacementTrigger": {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": KEY.encrypt("1")},
    "someFutureField": {"x": [1]},
}


@pytest.fixture
def codec():
    return PropertyCodec(lambda: KEY)


def test_nothing_is_lost_between_reading_and_writing(codec):
    assert encode_resource(decode_resource(FULL, 1, codec), codec) == FULL


def test_fields_arrive_where_the_engine_looks_for_them(codec):
    state = decode_resource(FULL, 7, codec)
    assert (state.key, state.import_id, state.init_errors) == (7, "imported", ("not ready",))
    assert state.inputs == {"key": Secret("marker")}
    assert state.custom_timeouts == CustomTimeouts(create=30)
    assert state.property_dependencies == {"key": (PARENT,), "other": ()}
    assert state.unread["someFutureField"] == {"x": [1]}
    assert state.unread["replacementTrigger"] == Secret(1)


def test_an_operation_keeps_its_type_and_resource(codec):
    stored = {"resource": FULL, "type": "creating"}
    operation = decode_operation(stored, 1, codec)
    assert operation.type is OperationType.CREATING
    assert encode_operation(operation, codec) == stored


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("type", "", "'type' is missing"),
        ("custom", False, "only a custom resource has an id"),
        ("protect", "yes", "protect: has to be true or false"),
        ("parent", 1, "parent: has to be a string"),
        ("dependencies", "urn", "dependencies: has to be a list of strings"),
        ("inputs", [], "inputs: properties have to be an object"),
        ("propertyDependencies", [], "propertyDependencies: has to be an object"),
        ("customTimeouts", {"create": "soon"}, "customTimeouts: has to be an object of numbers"),
        ("stackTrace", [1], "stackTrace: has to be a list"),
        ("outputs", {"a": {SIGNATURE: "x"}}, "outputs: a value has the signature 'x'"),
    ],
)
def test_a_malformed_field_is_refused_by_resource_and_name(codec, field, value, reason):
    with pytest.raises(StateError, match=reason) as caught:
        decode_resource({**FULL, field: value}, 1, codec)
    assert FULL["urn"] in str(caught.value)


@pytest.mark.parametrize("record", [None, [], {}, {"urn": 1}])
def test_a_resource_without_a_name_is_refused_by_its_place(codec, record):
    with pytest.raises(StateError, match="resource 4: the field 'urn' is missing"):
        decode_resource(record, 5, codec)


def test_an_unknown_operation_is_refused(codec):
    with pytest.raises(StateError, match="has to be one of creating, updating"):
        decode_operation({"resource": FULL, "type": "painting"}, 1, codec)
