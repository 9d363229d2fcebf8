"""Property paths such as `spec.ports[0]`, `data["a.b"]` and `list[*].name` (sdk/go/property/path.go)."""

import re
from typing import Any, Final

from tenantmesh.engine.values import Properties, Secret, Value
from tenantmesh.errors import ProgramError

Path = tuple[str | int, ...]
"""Keys and indices; `*` stands for all of them."""

_WILDCARD: Final = "*"
_TOKEN: Final = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[(\*)\]')


def parse(text: str) -> Path:
    """The keys in `text`; raises ProgramError when it is malformed."""
    keys: list[str | int] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ProgramError(f'{text!r} is not a property path; write keys as a.b, a[0] or a["b.c"]')
        name, index, quoted, wildcard = match.groups()
        keys.append(int(index) if index else name or wildcard or re.sub(r"\\(.)", r"\1", quoted or ""))
        position = match.end()
    return tuple(keys)


def contains(outer: Path, inner: Path) -> bool:
    """Whether `inner` is `outer` or lies within it."""
    if len(outer) > len(inner):
        return False
    return all(one in (_WILDCARD, other) for one, other in zip(outer, inner, strict=False))


def reset(path: Path, old: Properties, new: Properties) -> tuple[Properties, bool]:
    """`new` with what `path` names as in `old`, and whether that could be done."""
    value, done = _reset(path, old, new)
    return value, done


def _reset(path: Path, old: Value, new: Value) -> tuple[Value, bool]:
    if isinstance(new, Secret):
        value, done = _reset(path, old, new.value)
        return Secret(value), done
    if isinstance(old, Secret):
        old = old.value
    if not path:
        return old, True
    if path[0] == _WILDCARD:
        return _reset_all(path[1:], old, new)
    if isinstance(new, dict) and isinstance(old, dict):
        return _reset_key(path, old, new)
    if isinstance(new, list) and isinstance(old, list) and isinstance(path[0], int):
        return _reset_item(path, old, new)
    return new, False


def _reset_key(path: Path, old: dict[Any, Value], new: dict[Any, Value]) -> tuple[Value, bool]:
    key, rest = path[0], path[1:]
    changed = dict(new)
    if not rest:
        if key in old:
            changed[key] = old[key]
        else:
            changed.pop(key, None)
        return changed, True
    if key not in old or key not in new:
        return new, key not in old and key not in new
    changed[key], done = _reset(rest, old[key], new[key])
    return changed, done


def _reset_item(path: Path, old: list[Value], new: list[Value]) -> tuple[Value, bool]:
    index = path[0]
    if not isinstance(index, int) or index >= len(old) or index >= len(new):
        return new, False
    changed = list(new)
    changed[index], done = _reset(path[1:], old[index], new[index])
    return changed, done


def _reset_all(rest: Path, old: Value, new: Value) -> tuple[Value, bool]:
    if isinstance(new, list) and isinstance(old, list):
        if len(old) != len(new):
            return (old, True) if not rest else (new, False)
        pairs = [_reset(rest, before, after) for before, after in zip(old, new, strict=True)]
        return [value for value, _ in pairs], all(done for _, done in pairs)
    if isinstance(new, dict) and isinstance(old, dict):
        value: Value = new
        outcome = True
        for key in {**old, **new}:
            value, done = _reset_key((key, *rest), old, value)
            outcome = outcome and done
        return value, outcome
    return new, False
