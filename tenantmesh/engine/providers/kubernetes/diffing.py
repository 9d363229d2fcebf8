"""What changes between the live object that a checkpoint remembers and new inputs, property by property."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from tenantmesh.engine.provider import DiffKind, PropertyDiff
from tenantmesh.engine.providers.kubernetes.bodies import Body, without_read_only
from tenantmesh.engine.providers.kubernetes.normalise import is_dropped, normalised, same
from tenantmesh.engine.providers.kubernetes.pruning import prune
from tenantmesh.engine.providers.kubernetes.replacement import Path, forces
from tenantmesh.engine.providers.kubernetes.scopes import is_builtin
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.engine.values import Unknown, has_unknowns

_REPLACING: Final = {
    DiffKind.ADD: DiffKind.ADD_REPLACE,
    DiffKind.DELETE: DiffKind.DELETE_REPLACE,
    DiffKind.UPDATE: DiffKind.UPDATE_REPLACE,
}
_SPECIAL: Final = frozenset('."[]')
_MISSING: Final = object()


class Comparison(Struct, frozen=True, kw_only=True):
    """Two bodies to compare: what is live, what the last inputs asked for and what the new ones do."""

    kind: Kind
    live: Body
    asked: Body
    wanted: Body
    forcing: tuple[str, ...] = ()
    """Fields whose change replaces the object."""


def compare(comparison: Comparison) -> dict[str, PropertyDiff]:
    """The changed properties by their paths, in the order of the paths.

    As in the real provider, the live object is cut to what the old inputs speak of, so that fields which the cluster
    fills in are no change.
    """
    asked = _cleaned(comparison.kind, comparison.asked)
    wanted = _cleaned(comparison.kind, comparison.wanted)
    base = prune(without_read_only(comparison.live), asked)
    walk = _Walk(builtin=is_builtin(comparison.kind.group), asked=asked)
    found = {
        _spell(path): PropertyDiff(
            kind=_REPLACING[kind] if forces(path, value, comparison.forcing) else kind,
            input_diff=kind is DiffKind.DELETE,
        )
        for path, kind, value in walk.maps((), base, wanted)
    }
    return dict(sorted(found.items()))


def replacing(detailed: dict[str, PropertyDiff]) -> tuple[str, ...]:
    """The paths in `detailed` that replace the object."""
    return tuple(
        path
        for path, item in detailed.items()
        if item.kind in _REPLACING.values() or (path == "metadata" and item.kind is DiffKind.DELETE)
    )


def _cleaned(kind: Kind, body: Body) -> Body:
    return without_read_only(body if has_unknowns(body) else normalised(kind, body))


class _Walk(Struct, frozen=True):
    """Goes through two values side by side; `asked` tells what the server has seen before."""

    builtin: bool
    asked: Body

    def maps(self, path: Path, old: Body, new: Body) -> Iterator[tuple[Path, DiffKind, Any]]:
        for key in {**old, **new}:
            yield from self.values((*path, key), old.get(key, _MISSING), new.get(key, _MISSING))

    def values(self, path: Path, old: Any, new: Any) -> Iterator[tuple[Path, DiffKind, Any]]:
        if _is_absent(path, new):
            if not _is_absent(path, old):
                yield path, DiffKind.DELETE, None
        elif isinstance(new, Unknown):
            yield path, DiffKind.ADD if _is_absent(path, old) else DiffKind.UPDATE, None
        elif _is_absent(path, old):
            if not self._left_out(path, new):
                yield path, DiffKind.ADD, new
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from self.maps(path, old, new)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(path, old, new)
        elif not (same(old, new, path) if self.builtin else _equal(old, new)):
            yield path, DiffKind.UPDATE, new

    def _lists(self, path: Path, old: list[Any], new: list[Any]) -> Iterator[tuple[Path, DiffKind, Any]]:
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else _MISSING
            after = new[index] if index < len(new) else _MISSING
            yield from self.values((*path, index), before, after)

    def _left_out(self, path: Path, new: Any) -> bool:
        """Whether the live object lacks `new` only because the server does not keep such a value."""
        if not self.builtin or isinstance(path[-1], int):
            return False
        if isinstance(new, dict):
            return all(self._left_out((*path, key), item) for key, item in new.items())
        return is_dropped(new, path) or (new in (False, 0, "", []) and _at(self.asked, path) == new)


def _is_absent(path: Path, value: Any) -> bool:
    """Null is no value of a key; in a list it takes a place."""
    return value is _MISSING or (value is None and isinstance(path[-1], str))


def _equal(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _at(value: Any, path: Path) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value


def _spell(path: Path) -> str:
    """A path as Pulumi writes it: `spec.ports[0]`, `metadata.labels["a.b/c"]`."""
    spelled = ""
    for key in path:
        if isinstance(key, int):
            spelled += f"[{key}]"
        elif _SPECIAL & set(key):
            quoted = key.replace('"', '\\"')
            spelled += f'["{quoted}"]'
        else:
            spelled += f".{key}" if spelled else key
    return spelled
