"""Parts of bodies, read without trust: what is not of the wanted shape is as if it were absent.

A layer of the graph says that a field is not understood; a check that reads the same field must only not fail at it.
"""

from collections.abc import Mapping
from typing import Any

from tenantmesh.manifest import ManifestObject

Part = Mapping[str, Any]
_NOTHING: Part = {}


def part(value: Any, *path: str) -> Part:
    """The mapping at `path` of a mapping, empty when there is none."""
    # Nearly all are plain dictionaries, and to ask whether something is a mapping of any other kind takes time.
    for name in path:
        value = value.get(name) if type(value) is dict or isinstance(value, Mapping) else None
    return value if type(value) is dict or isinstance(value, Mapping) else _NOTHING


def spec(one: ManifestObject) -> Part:
    """An object's spec."""
    found = one.body.get("spec")
    return found if type(found) is dict or isinstance(found, Mapping) else _NOTHING


def parts(value: Any) -> list[Part]:
    """The mappings in a list."""
    if not isinstance(value, list | tuple):
        return []
    return [one for one in value if type(one) is dict or isinstance(one, Mapping)]


def texts(value: Any) -> list[str]:
    """The texts in a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def text(value: Any) -> str:
    """A text, "" for anything else."""
    return value if isinstance(value, str) else ""


def labels(value: Any) -> Mapping[str, str]:
    """The pairs of texts in a mapping."""
    if not isinstance(value, Mapping):
        return {}
    return {key: one for key, one in value.items() if isinstance(key, str) and isinstance(one, str)}
