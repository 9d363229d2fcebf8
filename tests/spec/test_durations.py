"""Lengths of time as they are written."""

import re

import pytest

from tenantmesh.spec.durations import milliseconds, written


@pytest.mark.parametrize(("text", "length"), [("250ms", 250), ("2s", 2000), ("5m", 300_000), ("1h", 3_600_000)])
def test_a_length_is_counted_in_milliseconds(text, length):
    assert milliseconds(text) == length
    assert milliseconds(written(length)) == length


@pytest.mark.parametrize("text", ["", "0s", "1", "1.5s", "-1s", "1d", "1s ", "1h30m"])
def test_another_spelling_is_no_length(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        milliseconds(text)
