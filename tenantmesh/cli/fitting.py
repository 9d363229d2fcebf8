"""Holds the objects of a program to the shapes of their kinds, before anything is read out of them."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from tenantmesh.engine.values import Secret
from tenantmesh.errors import ManifestError
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.schema import shaped


def fitted(manifest: Manifest) -> Manifest:
    """The objects without their nulls, and with secrets no larger than a leaf.

    Raises ManifestError, which names every field that has a wrong type, or whose parts only a deployment knows.
    """
    problems: list[str] = []
    objects = tuple(_fitted(one, problems) for one in manifest)
    if problems:
        raise ManifestError(problems)
    return Manifest(objects)


def _fitted(one: ManifestObject, problems: list[str]) -> ManifestObject:
    made = shaped(_divided(one.body, hidden=False))
    where = one.source or one.urn
    title = f"{where}: {one.key}" if where else str(one.key)
    problems += [f"{title}: {misfit}" for misfit in made.misfits]
    return one if made.body is one.body else replace(one, body=made.body)


def _divided(value: Any, *, hidden: bool) -> Any:
    """The value with each leaf of a secret map or list a secret by itself: which fields there are is not secret."""
    if isinstance(value, Secret):
        return _divided(value.value, hidden=True)
    if isinstance(value, Mapping):
        return _kept(value, {key: _divided(one, hidden=hidden) for key, one in value.items()})
    if isinstance(value, list):
        items = [_divided(one, hidden=hidden) for one in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return Secret(value) if hidden and value is not None else value


def _kept(value: Mapping[str, Any], made: dict[str, Any]) -> Mapping[str, Any]:
    return made if any(made[key] is not one for key, one in value.items()) else value
