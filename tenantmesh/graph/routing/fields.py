"""What is not understood in an object: fields that no table knows, and values of another type than the field's."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject

_FIELD: Final = "the field "


class Free:
    """A field whose content has no part in who reaches whom."""


FREE: Final = Free()
TEXT: Final = str
NUMBER: Final = int
FLAG: Final = bool

Shape = Any
"""A mapping of known fields, a list of one shape, `FREE`, a type, or (`NAMED`, shape) for a mapping with free keys."""


class Named(NamedTuple):
    """A mapping whose keys are the user's and whose values have one shape."""

    shape: Shape


class Reading(NamedTuple):
    """What in an object is not understood; `usable`: whether the rest can be read all the same."""

    unknown: tuple[Evidence, ...] = ()
    usable: bool = True


_UNDERSTOOD: Final = Reading()


def read_fields(one: ManifestObject, shape: Shape, part: str = "spec") -> Reading:
    """What of `part` is a field that `shape` does not know, or holds no plain value of its type."""
    value = one.body.get(part)
    if value is None:
        return _UNDERSTOOD
    if _is_plain(value, shape):
        return _UNDERSTOOD
    found = list(_strange(value, shape, part))
    if not found:
        return _UNDERSTOOD
    unknown = tuple(
        Evidence(Effect.UNKNOWN, f"{one.key} has {reason} at {path}, which is not understood", one, path)
        for path, reason in found
    )
    return Reading(unknown, all(reason.startswith(_FIELD) for _, reason in found))


def _is_plain(value: Any, shape: Shape) -> bool:
    """Whether all is understood, told fast: False may also mean that `_strange` has to look."""
    if value is None or shape is FREE:
        return True
    kind = type(shape)
    if kind is dict:
        return type(value) is dict and _is_plain_mapping(value, shape)
    if kind is list:
        return type(value) is list and _are_plain(value, shape[0])
    if kind is Named:
        return type(value) is dict and _are_plain(value.values(), shape.shape)
    return type(value) is shape


def _is_plain_mapping(value: Mapping[str, Any], shape: Mapping[str, Shape]) -> bool:
    for key, item in value.items():
        within = shape.get(key)
        # Most fields are plain values: a look at the type saves a call.
        if type(item) is not within and (within is None or not _is_plain(item, within)):
            return False
    return True


def _are_plain(values: Iterable[Any], shape: Shape) -> bool:
    for item in values:  # noqa: SIM110 - this runs for every object, and a generator takes twice the time
        if type(item) is not shape and not _is_plain(item, shape):
            return False
    return True


def _strange(value: Any, shape: Shape, path: str) -> Iterator[tuple[str, str]]:
    if shape is FREE or value is None:
        return
    if isinstance(shape, Mapping | Named):
        yield from _strange_mapping(value, shape, path)
    elif isinstance(shape, list):
        if isinstance(value, list | tuple):
            for index, item in enumerate(value):
                yield from _strange(item, shape[0], f"{path}[{index}]")
        else:
            yield path, "no list"
    elif not _is(value, shape):
        yield path, f"no plain {shape.__name__}"


def _strange_mapping(value: Any, shape: Mapping[str, Shape] | Named, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield path, "no mapping"
        return
    for key, item in value.items():
        within = shape.shape if isinstance(shape, Named) else shape.get(key)
        if within is None:
            yield f"{path}.{key}", f"{_FIELD}{key}"
        else:
            yield from _strange(item, within, f"{path}.{key}")


def _is(value: Any, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return isinstance(value, kind)
