"""Stands in for leaves that are not plain data (a Pulumi Output, say): they fit any schema, and no rule sees them."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, NoReturn, cast

from msgspec import Struct

PLAIN = (str, int, float, bool, type(None), Enum)

Path = tuple[str | int, ...]


class OpaqueError(Exception):
    """A rule looked at an opaque leaf: it can't be decided here."""


class Opaque:
    """The value of an opaque leaf; every question about it raises OpaqueError."""

    def _refuse(self, *_: object) -> NoReturn:
        raise OpaqueError

    __add__ = __radd__ = __bool__ = __contains__ = __eq__ = __ge__ = __getitem__ = __gt__ = __iter__ = _refuse
    __le__ = __len__ = __lt__ = __ne__ = _refuse
    __hash__ = None  # pyright: ignore[reportAssignmentType]  it is in no set, as it equals nothing


OPAQUE = Opaque()


class Plain(Struct, frozen=True, kw_only=True):
    """A body in plain data, with None where its opaque leaves were; `paths` says where that is."""

    body: Any
    paths: frozenset[Path]
    odd_keys: tuple[Path, ...]


def plain(value: Any) -> Plain:
    """A copy of `value` for the validator, which takes nothing but plain data, and where its opaque leaves are."""
    paths: set[Path] = set()
    odd_keys: list[Path] = []
    body = _plain(value, (), paths, odd_keys)
    return Plain(body=body, paths=frozenset(paths), odd_keys=tuple(odd_keys))


def _plain(value: Any, path: Path, paths: set[Path], odd_keys: list[Path]) -> Any:
    if isinstance(value, Mapping):
        fields = cast("Mapping[Any, Any]", value)
        odd_keys += [(*path, str(key)) for key in fields if not isinstance(key, str)]
        return {str(key): _plain(field, (*path, str(key)), paths, odd_keys) for key, field in fields.items()}
    if isinstance(value, list | tuple):
        items = cast("list[Any]", value)
        return [_plain(item, (*path, index), paths, odd_keys) for index, item in enumerate(items)]
    if isinstance(value, PLAIN):
        return value
    paths.add(path)
    return None


def sealed(value: Any, paths: frozenset[Path]) -> Any:
    """A copy of a plain body with OPAQUE at `paths`, for the rules."""
    return _sealed(value, (), paths)


def _sealed(value: Any, path: Path, paths: frozenset[Path]) -> Any:
    if path in paths:
        return OPAQUE
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {key: _sealed(field, (*path, key), paths) for key, field in fields.items()}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_sealed(item, (*path, index), paths) for index, item in enumerate(items)]
    return value
