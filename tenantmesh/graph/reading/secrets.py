"""A Secret without anything secret: its certificates, the public halves of its keys, and the names of its entries."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast

from tenantmesh.graph.trust.certificates import public_parts


def without_secrets(body: dict[str, Any]) -> dict[str, Any]:
    """The Secret `body` with the names of its entries, and of their values only what anybody may see."""
    kept = {key: value for key, value in body.items() if key != "stringData"}
    kept["data"] = {name: _public(value) for name, value in _entries(body.get("data")).items()}
    kept["data"] |= {name: _encoded(public_parts(str(text))) for name, text in _entries(body.get("stringData")).items()}
    return kept


def _entries(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _public(value: Any) -> str:
    try:
        text = base64.b64decode(value).decode("latin-1")
    except (binascii.Error, TypeError, ValueError):
        return ""
    return _encoded(public_parts(text))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("latin-1", "replace")).decode()
