"""Every way in which one object can be weakened in one place: deleted, emptied, dropped, widened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tenantmesh.manifest import Body, ManifestObject
from tests.proof.widening import widened

IDENTITY = frozenset({("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace")})
"""What names an object: without it there is no object, which is a mutation of its own."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One object with one change; `body` is None when the object is gone. `how` says what was done at `path`."""

    original: ManifestObject
    how: str
    path: Path = ()
    body: Body | None = None

    @property
    def kind(self) -> str:
        """The object's."""
        return self.original.key.kind

    @property
    def place(self) -> str:
        """The path without the positions in lists: `spec.ingress[].ports`."""
        return re.sub(r"\.?\[\]", "[]", ".".join("[]" if isinstance(part, int) else part for part in self.path))

    def __str__(self) -> str:
        at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return f"{self.original.key}: {self.how} {at.lstrip('.') or 'the object'}"


def mutations(one: ManifestObject, other: str) -> Iterator[Mutation]:
    """All mutations of one object; what is widened towards somebody is widened towards the tenant `other`."""
    yield Mutation(original=one, how="delete")
    for path, value in _places(one.body, ()):
        if path in IDENTITY:
            continue
        yield Mutation(original=one, how="delete", path=path, body=_without(one.body, path))
        if isinstance(value, dict | list) and value:
            yield Mutation(original=one, how="empty", path=path, body=_with(one.body, path, type(value)()))
    for path, how, value in widened(one, other):
        yield Mutation(original=one, how=how, path=path, body=_with(one.body, path, value))


def _places(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key), inner
        yield from _places(inner, (*path, key))


def _without(value: Any, path: Path) -> Any:
    first, *rest = path
    copy = value.copy()
    if rest:
        copy[first] = _without(value[first], tuple(rest))
    else:
        del copy[first]
    return copy


def _with(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    first, *rest = path
    copy = value.copy() if value is not None else {}
    copy[first] = _with(value.get(first) if isinstance(value, dict) else value[first], tuple(rest), new)
    return copy
