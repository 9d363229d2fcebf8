"""Where secrets are marked, and that they are struck out of messages."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine.secrets import Scrubber, mark
from tenantmesh.engine.values import Secret, has_secrets, reveal

MARKED = {
    "at its place": ({"a": {"b": "x", "c": 1}}, {"a": {"b": Secret("x"), "c": 1}}, {"a": {"b": Secret("x"), "c": 1}}),
    "in a list": ({"a": [1, 2]}, {"a": [1, Secret(2)]}, {"a": [1, Secret(2)]}),
    "where the list changed": ({"a": [1, 2, 3]}, {"a": [1, Secret(2)]}, {"a": Secret([1, 2, 3])}),
    "where the place is gone": ({"a": {"d": "x"}}, {"a": {"b": Secret("x")}}, {"a": Secret({"d": "x"})}),
    "as a whole": ({"a": {"b": "x"}}, {"a": Secret({"b": "x"})}, {"a": Secret({"b": "x"})}),
    "not elsewhere": ({"z": "x"}, {"a": Secret("x")}, {"z": "x"}),
}


@pytest.mark.parametrize(("plain", "like", "expected"), MARKED.values(), ids=MARKED.keys())
def test_a_secret_is_marked(plain, like, expected):
    assert mark(plain, like) == expected


def test_what_is_always_secret_is_marked_once():
    deep = {"a": {"b": Secret("x")}, "c": Secret("y"), "d": 1}
    assert mark(deep, {}, {"a", "c", "e"}) == {"a": Secret({"b": "x"}), "c": Secret("y"), "d": 1}


def test_a_secret_that_a_provider_returns_stays_one():
    assert mark({"a": {"b": Secret("x")}}, {"a": {"b": "x"}}) == {"a": {"b": Secret("x")}}


def test_without_secrets_nothing_is_copied():
    plain = {"a": {"b": 1}}
    assert mark(plain, {"a": {"b": 1}}) is plain


values = st.recursive(
    st.integers() | st.integers().map(Secret),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from("abc"), values, max_size=3))
def test_what_was_revealed_is_marked_again_in_full(properties):
    marked = mark(reveal(properties), properties)
    assert marked == properties
    assert has_secrets(marked) == has_secrets(properties)


def test_secret_texts_are_struck_out_however_they_are_written():
    secret = 'a "key"\nof two lines'
    scrubber = Scrubber()
    scrubber.learn({"a": [Secret({"b": secret})]})
    for text in (secret, repr(secret)[1:-1], base64.b64encode(secret.encode()).decode()):
        assert scrubber.scrub(f"before {text} after") == "before [secret] after"


def test_a_secret_that_begins_another_one_does_not_save_its_rest():
    scrubber = Scrubber()
    scrubber.learn(Secret(["open", "open sesame"]))
    assert scrubber.scrub("open sesame!") == "[secret]!"


def test_short_and_public_texts_stay():
    scrubber = Scrubber()
    scrubber.learn({"a": Secret("abc"), "b": "public text"})
    assert scrubber.scrub("abc and public text") == "abc and public text"
