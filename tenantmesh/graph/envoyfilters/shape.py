"""Shapes of whole objects: a value fits one when every part of it is named there, and nothing is left over."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from msgspec import Struct


class Place(Struct, frozen=True, kw_only=True):
    """Where an object is: the namespace it lives in, and the names of the mesh around it."""

    namespace: str
    trust_domain: str
    cluster_domain: str


Leaf = Callable[[Any, Place], bool]
"""Whether a value is one of those that may stand in its place."""


class Each(Struct, frozen=True):
    """A list of one or more values of this shape."""

    shape: Any


class AnyOf(Struct, frozen=True):
    """A value of one of these shapes."""

    shapes: tuple[Any, ...]


class Optional(Struct, frozen=True):
    """A field that may be missing."""

    shape: Any


def fits(value: Any, shape: Any, place: Place) -> bool:
    """Whether a value has a shape: the same value, the fields of a mapping and no others, or what a Leaf says."""
    if isinstance(shape, Mapping):
        return _map_fits(value, cast("Mapping[str, Any]", shape), place)
    if isinstance(shape, list):
        return _list_fits(value, cast("list[Any]", shape), place)
    if isinstance(shape, Each):
        return isinstance(value, list) and bool(value) and all(fits(one, shape.shape, place) for one in _items(value))
    if isinstance(shape, AnyOf):
        return any(fits(value, one, place) for one in shape.shapes)
    if callable(shape):
        return bool(shape(value, place))
    return type(value) is type(shape) and value == shape


def text(value: Any, place: Place) -> bool:
    """Any text."""
    del place
    return isinstance(value, str)


def texts(value: Any, place: Place) -> bool:
    """A mapping from text to text, with something in it."""
    items = cast("Mapping[Any, Any]", value) if isinstance(value, Mapping) else {}
    return bool(items) and all(text(one, place) for pair in items.items() for one in pair)


def number(value: Any, place: Place) -> bool:
    """A whole number over 0."""
    del place
    return type(value) is int and value > 0


def flag(value: Any, place: Place) -> bool:
    """True or false."""
    del place
    return isinstance(value, bool)


def pattern(expression: str) -> Leaf:
    """Text that is the whole of what a regular expression describes."""
    compiled = re.compile(expression)

    def leaf(value: Any, place: Place) -> bool:
        del place
        return isinstance(value, str) and compiled.fullmatch(value) is not None

    return leaf


def one_of(*values: str) -> Leaf:
    """One of these texts."""

    def leaf(value: Any, place: Place) -> bool:
        del place
        return isinstance(value, str) and value in values

    return leaf


duration = pattern(r"\d+(\.\d+)?s")
"""A time as protobuf writes it in JSON."""


def _map_fits(value: Any, shape: Mapping[str, Any], place: Place) -> bool:
    if not isinstance(value, Mapping):
        return False
    fields = cast("Mapping[str, Any]", value)
    needed = {name for name, one in shape.items() if not isinstance(one, Optional)}
    return needed <= fields.keys() <= shape.keys() and all(
        fits(one, _bare(shape[name]), place) for name, one in fields.items()
    )


def _list_fits(value: Any, shape: list[Any], place: Place) -> bool:
    found = _items(value) if isinstance(value, list) else None
    return found is not None and len(found) == len(shape) and all(map(fits, found, shape, [place] * len(shape)))


def _bare(shape: Any) -> Any:
    return shape.shape if isinstance(shape, Optional) else shape


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value)
