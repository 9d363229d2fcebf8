"""The search for secrets finds them however they are written."""

import base64
import json

import pytest

from tests.secrets.markers import LINES, ODD, TOKEN, Witness

WAYS = {
    "plain": lambda text: f"see {text}.",
    "json": lambda text: json.dumps({"a": [text]}),
    "json with Unicode": lambda text: json.dumps(text, ensure_ascii=False),
    "json in json": lambda text: json.dumps(json.dumps({"a": text})),
    "repr": lambda text: f"{[text]}",
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "within base64": lambda text: base64.b64encode(f"user:{text}!".encode()).decode(),
    "one line of it": lambda text: f"> {text.splitlines()[0]}",
}


@pytest.mark.parametrize("secret", [TOKEN, LINES, ODD], ids=["token", "lines", "odd"])
@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_found_in_every_spelling(way, secret):
    witness = Witness()
    witness.see("somewhere", WAYS[way](secret).encode())
    assert len(witness.hits([secret])) > 0
    assert witness.hits(["marker-other"]) == []
