"""Values keep their meaning through a checkpoint, in the spelling of the Pulumi CLI, and secrets stay secret."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine.backend.crypter import Crypter
from tenantmesh.engine.backend.properties import COMPUTED, SIGNATURE, PropertyCodec
from tenantmesh.engine.values import UNKNOWN, Archive, Asset, ResourceReference, Secret
from tenantmesh.errors import StateError

KEY = Crypter(bytes(range(32)), "salt")
TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: text != COMPUTED)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False).filter(lambda number: not number.is_integer()),
    TEXT,
    st.just(UNKNOWN),
    st.builds(Asset, text=TEXT, hash=TEXT),
    st.builds(Archive, assets=st.dictionaries(TEXT, st.builds(Asset, path=TEXT.filter(bool)))),
    st.builds(ResourceReference, TEXT, st.one_of(st.none(), st.just(UNKNOWN), TEXT.filter(bool)), TEXT),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(TEXT.filter(lambda key: key != SIGNATURE), inner, max_size=3),
        st.builds(Secret, inner),
    ),
    max_leaves=12,
)


def codec():
    return PropertyCodec(lambda: KEY)


@given(VALUES)
def test_every_value_survives_a_round_trip_through_json(value):
    stored = json.loads(json.dumps(codec().encode(value, ("urn",))))
    assert codec().decode(stored, ("urn",)) == value


@given(VALUES)
def test_reading_and_writing_again_gives_the_same_data(value):
    stored = codec().encode(value, ("urn",))
    again = codec()
    assert again.encode(again.decode(stored, ("urn",)), ("urn",)) == stored


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (UNKNOWN, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"),
        (math.inf, {SIGNATURE: "8ad145fe-0d11-4827-bfd7-1abcbf086f5c", "value": "7ff0000000000000"}),
        (
            Asset(path="a.txt", hash="f00"),
            {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "f00", "path": "a.txt"},
        ),
        (
            ResourceReference("urn:a", "id", "1.2"),
            {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:a", "packageVersion": "1.2", "id": "id"},
        ),
        (b"\xff".decode("utf-8", "surrogateescape"), {SIGNATURE: "803fd3297a5875dc03ca845dda5d2a98", "value": "/w=="}),
    ],
)
def test_special_values_are_spelled_as_by_the_pulumi_cli(value, stored):
    assert codec().encode(value, ()) == stored
    assert codec().decode(stored, ()) == value


def test_a_secret_is_stored_as_ciphertext_only():
    stored = codec().encode({"password": Secret({"inner": ["marker-secret"]})}, ())
    assert set(stored["password"]) == {SIGNATURE, "ciphertext"}
    assert "marker-secret" not in json.dumps(stored)
    assert KEY.decrypt(stored["password"]["ciphertext"]) == '{"inner":["marker-secret"]}'


def test_an_unchanged_secret_keeps_its_ciphertext_and_a_changed_or_moved_one_does_not():
    one = codec()
    before = one.encode({"a": Secret("x")}, ("urn",))["a"]["ciphertext"]
    assert one.encode({"a": Secret("x")}, ("urn",))["a"]["ciphertext"] == before
    assert one.encode({"b": Secret("x")}, ("urn",))["b"]["ciphertext"] != before
    assert one.encode({"a": Secret("y")}, ("urn",))["a"]["ciphertext"] != before


def test_a_ciphertext_is_kept_though_go_escapes_its_plaintext_differently():
    one = codec()
    stored = {"a": {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": KEY.encrypt('"\\u003ca\\u003e"')}}
    assert one.decode(stored, ()) == {"a": Secret("<a>")}
    assert one.encode({"a": Secret("<a>")}, ()) == stored


def test_a_number_without_a_fraction_is_an_int():
    value = codec().decode([1.0, 1e3, 1.5], ())
    assert value == [1, 1000, 1.5]
    assert [type(item) for item in value] == [int, int, float]


@pytest.mark.parametrize(
    "stored",
    [
        {SIGNATURE: "unheard-of"},
        {SIGNATURE: ["a"]},
        {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"},
        {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:a:b", "plaintext": "1"},
        {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e"},
        {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": 1},
        {SIGNATURE: "8ad145fe-0d11-4827-bfd7-1abcbf086f5c", "value": "xyz"},
    ],
)
def test_malformed_special_values_are_refused(stored):
    with pytest.raises(StateError):
        codec().decode(stored, ())


def test_no_error_shows_what_a_broken_secret_holds():
    stored = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": KEY.encrypt("marker-secret {")}
    with pytest.raises(StateError) as caught:
        codec().decode(stored, ())
    assert "marker-secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_has_no_spelling_is_refused():
    with pytest.raises(StateError, match="a complex can't be stored"):
        codec().encode({"a": 1j}, ())
