"""The objects of each namespace as text: where two texts differ in names alone, so do the objects."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from tenantmesh.manifest import Body, ManifestObject

Texts = Mapping[str, bytes | None]
"""By namespace; None for what has no plain text: values that nobody knows yet, secrets among them."""
_Kinds = Mapping[tuple[str, str], Mapping[str, Iterable[ManifestObject]]]
_SECRET_FIELDS = ("data", "stringData")


def texts(kinds: _Kinds, namespaces: Mapping[str, ManifestObject | None]) -> Texts:
    """The objects in each of `namespaces`, by group, kind and their order, and at the end the Namespace itself."""
    found: dict[str, list[Body]] = {name: [] for name in namespaces}
    for group, kind in sorted(kinds):
        for namespace, some in kinds[group, kind].items():
            if namespace:
                found[namespace] += _bodies(some, kind)
    for name, made in namespaces.items():
        if made is not None:
            found[name].append(made.body)
    return {name: written(some) for name, some in found.items()}


def known_text(one: ManifestObject, kind: str) -> bytes:
    """One object of a kind by itself, with null for each value that is not known."""
    return orjson.dumps(_bodies((one,), kind), default=_known)


def written(value: Any) -> bytes | None:
    """A value as text."""
    try:
        return orjson.dumps(value, default=_plain)
    except orjson.JSONEncodeError:
        return None


def _bodies(some: Iterable[ManifestObject], kind: str) -> list[Body]:
    return [_readable(one) for one in some] if kind == "Secret" else [one.body for one in some]


def _readable(one: ManifestObject) -> Body:
    """A Secret whose text tells its fields, and not what they hold."""
    return {name: _fields(value) if name in _SECRET_FIELDS else value for name, value in one.body.items()}


def _fields(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, Mapping) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _known(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _plain(value: object) -> object:
    if not isinstance(value, Mapping):
        raise TypeError
    return _known(value)  # pyright: ignore[reportUnknownArgumentType]
