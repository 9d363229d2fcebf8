"""How the options of a resource bend its inputs and its provider's diff."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from tenantmesh.engine import paths
from tenantmesh.engine.provider import Diff, DiffKind, PropertyDiff
from tenantmesh.engine.values import Properties

INIT_ERROR: Final = "#initerror"
"""Stands in replaceOnChanges and in a diff for a resource that exists but is not ready."""

_REPLACING: Final[Mapping[DiffKind, DiffKind]] = {
    DiffKind.ADD: DiffKind.ADD_REPLACE,
    DiffKind.DELETE: DiffKind.DELETE_REPLACE,
    DiffKind.UPDATE: DiffKind.UPDATE_REPLACE,
}
_INVERSE: Final[Mapping[DiffKind, DiffKind]] = {
    DiffKind.ADD: DiffKind.DELETE,
    DiffKind.ADD_REPLACE: DiffKind.DELETE_REPLACE,
    DiffKind.DELETE: DiffKind.ADD,
    DiffKind.DELETE_REPLACE: DiffKind.ADD_REPLACE,
}


def ignore_changes(ignored: Iterable[str], old: Properties, new: Properties) -> tuple[Properties, tuple[str, ...]]:
    """`new` with every ignored path as in `old`, and the paths for which that can't be done."""
    failed: list[str] = []
    for text in ignored:
        new, done = paths.reset(paths.parse(text), old, new)
        if not done:
            failed.append(text)
    return new, tuple(failed)


def replace_on_changes(diff: Diff, wanted: Iterable[str], *, init_errors: bool) -> Diff:
    """`diff` with the changes in `wanted` paths turned into replacements; init errors count as a change."""
    outer = [paths.parse(text) for text in wanted]
    if not outer or not (diff.changes or init_errors):
        return diff

    def replaces(text: str) -> bool:
        return any(paths.contains(one, paths.parse(text)) for one in outer)

    detailed = {key: _replacing(item) if replaces(key) else item for key, item in diff.detailed.items()}
    forcing = [key for key in (*diff.changed, *diff.detailed) if replaces(key)]
    if init_errors and replaces(INIT_ERROR):
        forcing.append(INIT_ERROR)
        detailed[INIT_ERROR] = PropertyDiff(kind=DiffKind.UPDATE_REPLACE, input_diff=False)
    keys = tuple(dict.fromkeys((*diff.replaces, *forcing)))
    return replace(diff, changes=diff.changes or bool(forcing), replaces=keys, detailed=detailed)


def _replacing(item: PropertyDiff) -> PropertyDiff:
    return replace(item, kind=_REPLACING.get(item.kind, item.kind))


def invert(diff: Diff) -> Diff:
    """`diff` seen from the other side: what was added is deleted."""
    detailed = {key: replace(item, kind=_INVERSE.get(item.kind, item.kind)) for key, item in diff.detailed.items()}
    return replace(diff, detailed=detailed)


def component_diff(old: Properties, new: Properties) -> Diff:
    """How the inputs of a component differ; nothing but the record of them changes."""
    changed = tuple(key for key in sorted({*old, *new}) if old.get(key) != new.get(key))
    return Diff(changes=bool(changed), changed=changed)
