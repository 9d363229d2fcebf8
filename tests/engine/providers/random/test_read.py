"""Importing by id, and refreshing."""

import bcrypt
import pytest

from tenantmesh.errors import ProviderError


def test_a_password_is_imported_by_itself(random):
    found = random.read("Password", "s3cr3t-word")
    assert found.id == "none"
    assert found.outputs["result"] == "s3cr3t-word"
    assert bcrypt.checkpw(b"s3cr3t-word", found.outputs["bcryptHash"].encode())
    assert found.inputs == {"length": 11} | dict.fromkeys(("special", "upper", "lower", "number", "numeric"), True)


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("String", {"length": 9}),
        ("Id", {"byteLength": 5}),
        ("Uuid", {}),
        ("Uuid4", {}),
        ("Uuid7", {}),
    ],
)
def test_what_was_made_is_imported_by_its_id_with_the_same_outputs(random, kind, inputs):
    made = random.create(kind, inputs)
    found = random.read(kind, made.id)
    assert (found.id, found.outputs) == (made.id, made.outputs)
    assert not random.diff(kind, found, found.inputs).changes


def test_bytes_are_imported_by_their_base64_and_keep_no_trace_of_it_in_the_id(random):
    made = random.create("Bytes", {"length": 9})
    found = random.read("Bytes", made.outputs["base64"])
    assert (found.id, found.outputs) == ("none", made.outputs)
    assert not random.diff("Bytes", found, found.inputs).changes


def test_an_id_with_a_prefix_is_imported_by_both(random):
    found = random.read("Id", "a,b,Y2Fr")
    assert found.id == "Y2Fr"
    assert found.inputs == {"byteLength": 3, "prefix": "a,b"}
    assert found.outputs["hex"] == "a,b63616b"


def test_an_integer_is_imported_with_its_bounds(random):
    assert random.read("Integer", "5,1,9").inputs == {"min": 1, "max": 9}
    assert random.read("Integer", "5,1,9,seed").inputs == {"min": 1, "max": 9, "seed": "seed"}


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [("Bytes", "pla!n"), ("Id", "pla!n"), ("Integer", "pla!n"), ("Integer", "1,2,3,4,5"), ("Uuid", "pla!n")],
)
def test_a_malformed_id_is_refused_without_repeating_it(random, kind, identifier):
    with pytest.raises(ProviderError, match="import id") as caught:
        random.read(kind, identifier)
    assert identifier not in str(caught.value)


@pytest.mark.parametrize("kind", ["Pet", "Shuffle"])
def test_what_the_real_provider_does_not_import_is_refused(random, kind):
    with pytest.raises(ProviderError, match="can't be imported"):
        random.read(kind, "anything")


def test_a_refresh_changes_nothing(random):
    inputs = {"length": 8, "keepers": {"a": "b"}}
    made = random.create("String", inputs)
    found = random.provider.read(random.resource("String"), made.id, made.outputs, inputs)
    assert (found.id, found.outputs, found.inputs) == (made.id, made.outputs, inputs)
