"""Objects are taken apart field by field: one that is not known makes what holds it unproven, never silent."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

_EMPTY: Final[Mapping[str, Any]] = {}


class Unreadable(Exception):  # noqa: N818 - it names what is found, and never leaves this package
    """A part of an object is not understood: `path` is where, `reason` why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


def fields(value: Any, path: str, known: Set[str]) -> Mapping[str, Any]:
    """`value` as a map, empty when it is null; Unreadable when it is none or has a field that is not `known`."""
    if type(value) is not dict:  # what YAML and JSON give is one; asking for a Mapping costs ten times as much
        if value is None:
            return _EMPTY
        if not isinstance(value, Mapping):
            raise Unreadable(path, f"{type(value).__name__} instead of a map")
    if value.keys() <= known:
        return value
    first = min(str(key) for key in value.keys() - known)
    raise Unreadable(f"{path}.{first}" if path else first, f"the field {first} is not known")


def items(value: Any, path: str) -> Sequence[Any]:
    """`value` as a list, empty when it is null; Unreadable when it is none."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise Unreadable(path, f"{type(value).__name__} instead of a list")
    return value


def text(value: Any, path: str) -> str:
    """`value` as text; Unreadable when it is none."""
    if not isinstance(value, str):
        raise Unreadable(path, f"{type(value).__name__} instead of text")
    return value
