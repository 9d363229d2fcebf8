"""Which property changes how, by path, as `pulumi preview --json` shows it."""

from collections.abc import Mapping
from itertools import zip_longest

from tenantmesh.engine.provider import DiffKind, PropertyDiff
from tenantmesh.engine.values import UNKNOWN, Properties, Value

_LONG = 1000
"""Lists of this length and longer are compared place by place, as the bridge compares them."""

_REPLACING = {
    DiffKind.ADD: DiffKind.ADD_REPLACE,
    DiffKind.DELETE: DiffKind.DELETE_REPLACE,
    DiffKind.UPDATE: DiffKind.UPDATE_REPLACE,
}


def detailed_diff(prior: Properties, planned: Properties, replaces: tuple[str, ...]) -> Mapping[str, PropertyDiff]:
    """Every change by its path; those below a field in `replaces` are replacements. State is compared, not inputs."""
    result: dict[str, PropertyDiff] = {}
    for name in sorted({*prior, *planned}):
        for path, kind in _compare(name, prior.get(name), planned.get(name)).items():
            result[path] = PropertyDiff(kind=_REPLACING[kind] if name in replaces else kind, input_diff=False)
    return result


def _compare(path: str, old: Value, new: Value) -> dict[str, DiffKind]:
    if old is None or new is None:
        kind = DiffKind.ADD if old is None else DiffKind.DELETE
        return {} if old is None and new is None else {path: kind}
    if new is not UNKNOWN and old == new:
        return {}
    match old, new:
        case list(), list():
            return _compare_lists(path, old, new)
        case dict(), dict():
            changes: dict[str, DiffKind] = {}
            for key in sorted({*old, *new}):
                changes |= _compare(path + _step(key), old.get(key), new.get(key))
            return changes
        case _:
            return {path: DiffKind.UPDATE}


def _compare_lists(path: str, old: list[Value], new: list[Value]) -> dict[str, DiffKind]:
    if max(len(old), len(new)) >= _LONG:
        pairs = zip_longest(old, new)
        changes = [_compare(f"{path}[{index}]", before, after) for index, (before, after) in enumerate(pairs)]
        return {key: kind for change in changes for key, kind in change.items()}
    removed, added = _edits(old, new)
    return {f"{path}[{index}]": _list_change(index, removed, added) for index in sorted(removed | added)}


def _edits(old: list[Value], new: list[Value]) -> tuple[set[int], set[int]]:
    """The places of what goes and of what comes around a longest common subsequence, the one that the bridge finds."""
    common = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row, before in enumerate(old):
        for column, after in enumerate(new):
            longer = max(common[row][column + 1], common[row + 1][column])
            common[row + 1][column + 1] = common[row][column] + 1 if before == after else longer
    removed, added, row, column = set(range(len(old))), set(range(len(new))), len(old), len(new)
    while row and column:
        if old[row - 1] == new[column - 1]:
            row, column = row - 1, column - 1
            removed.remove(row)
            added.remove(column)
        elif common[row][column - 1] >= common[row - 1][column]:
            column -= 1
        else:
            row -= 1
    return removed, added


def _list_change(index: int, removed: set[int], added: set[int]) -> DiffKind:
    if index in removed and index in added:
        return DiffKind.UPDATE
    return DiffKind.ADD if index in added else DiffKind.DELETE


def _step(key: str) -> str:
    if key == "" or any(character in key for character in '."[]'):
        escaped = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'["{escaped}"]'
    return f".{key}"
