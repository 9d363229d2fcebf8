"""Holds objects that no file holds, those of a program, to the shapes of their kinds."""

from dataclasses import replace

from tenantmesh.errors import ManifestError
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.schema import shaped


def fitted(manifest: Manifest) -> Manifest:
    """The objects, without their nulls. Raises ManifestError, which names every field that has a wrong type."""
    problems: list[str] = []
    objects = tuple(_fitted(one, problems) for one in manifest)
    if problems:
        raise ManifestError(problems)
    return Manifest(objects)


def _fitted(one: ManifestObject, problems: list[str]) -> ManifestObject:
    made = shaped(one.body)
    where = one.source or one.urn
    title = f"{where}: {one.key}" if where else str(one.key)
    problems += [f"{title}: {misfit}" for misfit in made.misfits]
    return one if made.body is one.body else replace(one, body=made.body)
