"""Properties on the wire."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine import wire
from tenantmesh.engine.values import UNKNOWN, Archive, Asset, ResourceReference, Secret
from tenantmesh.errors import UnsupportedError

URN = "urn:pulumi:dev::project::fake:index:Thing::one"
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
    | texts
    | st.just(UNKNOWN)
    | st.builds(Asset, text=texts.filter(bool))
    | st.builds(ResourceReference, st.just(URN), st.sampled_from([None, "id", UNKNOWN]), texts)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | inner.filter(lambda value: not isinstance(value, Secret)).map(Secret)
        | st.builds(lambda assets: Archive(assets=assets), st.dictionaries(texts, inner, max_size=2))
    ),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_encoded_is_decoded_again(properties):
    assert wire.decode(wire.Encoder().encode(properties)) == properties


def test_a_number_without_a_fraction_is_an_int():
    decoded = wire.decode(wire.Encoder().encode({"port": 8443.0, "half": 0.5}))
    assert decoded == {"port": 8443, "half": 0.5}
    assert isinstance(decoded["port"], int)


def test_a_client_that_knows_no_secrets_gets_plain_values():
    assert wire.decode(wire.Encoder(secrets=False).encode({"a": Secret({"b": 1})})) == {"a": {"b": 1}}


@pytest.mark.parametrize(("reference", "plain"), [(ResourceReference(URN, "x"), "x"), (ResourceReference(URN), URN)])
def test_a_client_that_knows_no_references_gets_ids_or_urns(reference, plain):
    assert wire.decode(wire.Encoder(references=False).encode({"a": reference})) == {"a": plain}


def test_dependencies_of_output_values_are_collected_by_property():
    found: dict[str, set[str]] = {"a": set(), "b": set()}
    message = wire.Encoder().outputs({"a": Secret(1), "b": 2, "c": UNKNOWN}, {"a": {URN}, "c": set()})
    assert wire.decode(message, found) == {"a": Secret(1), "b": 2, "c": UNKNOWN}
    assert found == {"a": {URN}, "b": set()}


def test_an_output_value_without_a_value_is_unknown():
    assert wire.decode(wire.Encoder().outputs({"a": UNKNOWN}, {"a": {URN}}), {"a": set()}) == {"a": UNKNOWN}


@pytest.mark.parametrize("text", sorted(wire.UNKNOWN_TEXTS))
def test_every_spelling_of_unknown_is_known(text):
    message = Struct()
    message["a"] = text
    assert wire.decode(message) == {"a": UNKNOWN}


def test_an_unknown_signature_is_refused():
    message = Struct()
    message["a"] = {wire.SIGNATURE: "no such thing"}
    with pytest.raises(UnsupportedError, match="no such thing"):
        wire.decode(message)


def test_what_is_no_property_value_is_refused():
    strange: Any = object()
    with pytest.raises(UnsupportedError, match="object"):
        wire.Encoder().encode({"a": strange})


def test_partial_values_are_left_out_for_a_client_that_wants_whole_ones():
    assert wire.known({"a": 1, "b": [UNKNOWN], "c": Secret({"d": UNKNOWN})}) == {"a": 1}
