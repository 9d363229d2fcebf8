"""What differs between two bodies, field by field, with nothing shown that is secret."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tenantmesh.checks.differences.difference import FieldChange
from tenantmesh.manifest import Body

SECRET = "[secret]"  # noqa: S105  the words in a secret's place
_PLAIN = (str, int, float, bool, type(None))
_SECRET_FIELDS = ("data", "stringData")
# What the server and its controllers write: it says nothing of what somebody wants.
_SERVER = frozenset(
    {
        ("metadata", "creationTimestamp"),
        ("metadata", "generation"),
        ("metadata", "managedFields"),
        ("metadata", "resourceVersion"),
        ("metadata", "uid"),
        ("status",),
    }
)
_ABSENT = object()

_Path = tuple[str | int, ...]


def changed_fields(before: Body, after: Body) -> tuple[FieldChange, ...]:
    """Every leaf that differs, sorted by path."""
    secret = before.get("kind") == "Secret"
    found = [_field(path, one, other, secret=secret) for path, one, other in _differing((), before, after)]
    return tuple(sorted(found, key=lambda field: field.path))


def _differing(path: _Path, before: Any, after: Any) -> Iterator[tuple[_Path, Any, Any]]:
    if path in _SERVER:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            yield from _differing((*path, str(name)), before.get(name, _ABSENT), after.get(name, _ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            yield from _differing((*path, index), _item(before, index), _item(after, index))
    elif before != after:
        yield path, before, after


def _item(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else _ABSENT


def _field(path: _Path, before: Any, after: Any, *, secret: bool) -> FieldChange:
    hidden = secret and bool(path) and path[0] in _SECRET_FIELDS
    return FieldChange(path=_spelled(path), before=_text(before, hidden=hidden), after=_text(after, hidden=hidden))


def _spelled(path: _Path) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return parts.removeprefix(".")


def _text(value: Any, *, hidden: bool) -> str:
    if value is _ABSENT:
        return ""
    if hidden or not isinstance(value, (*_PLAIN, Mapping, list)):
        return SECRET
    return value if isinstance(value, str) else json.dumps(value, default=lambda _: SECRET, sort_keys=True)
