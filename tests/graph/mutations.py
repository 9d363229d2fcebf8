"""Every small change of an object: a field more, a field less, another value, a list with one more or less."""

import copy
from collections.abc import Iterator
from typing import Any

Way = tuple[str | int, ...]


def at(body: Any, way: Way) -> Any:
    """What is found on a way into an object."""
    for step in way:
        body = body[step]
    return body


def ways(value: Any, way: Way = ()) -> Iterator[Way]:
    """The way to the object itself and to each of its parts."""
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in items:
        yield from ways(part, (*way, name))


def leaves(value: Any) -> list[Way]:
    """The ways to what is no mapping and no list."""
    return [way for way in ways(value) if not isinstance(at(value, way), dict | list)]


def with_more(body: Any) -> Iterator[tuple[Way, Any]]:
    """The object with a field that it does not have, in each of its mappings."""
    for way in ways(body):
        if isinstance(at(body, way), dict):
            changed = copy.deepcopy(body)
            at(changed, way)["novel"] = {}
            yield way, changed


def with_less(body: Any) -> Iterator[tuple[Way, Any]]:
    """The object without one of its fields."""
    for way in ways(body):
        if way and isinstance(way[-1], str):
            changed = copy.deepcopy(body)
            del at(changed, way[:-1])[way[-1]]
            yield way, changed


def with_other(body: Any, *values: Any) -> Iterator[tuple[Way, Any]]:
    """The object with each of these values in place of each of its leaves that has another."""
    for way in leaves(body):
        for value in values:
            if at(body, way) != value:
                changed = copy.deepcopy(body)
                at(changed, way[:-1])[way[-1]] = value
                yield way, changed


def emptied(body: Any) -> Iterator[tuple[Way, Any]]:
    """The object with each of its lists and mappings empty."""
    for way in ways(body):
        if way and at(body, way) and isinstance(at(body, way), dict | list):
            changed = copy.deepcopy(body)
            at(changed, way[:-1])[way[-1]] = type(at(body, way))()
            yield way, changed
