"""Judges a body that fits its schema by the rules of its kind and by the keys of its lists."""

import functools
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from tenantmesh.schema.opaque import Opaque, OpaqueError, Path
from tenantmesh.schema.sites import Site

Problem = tuple[Path, str]
Rules = Mapping[str, Callable[[Any], bool]]


def judge(body: Any, site: Site) -> list[Problem]:
    """What the rules say against a body with its defaults; rules that need an opaque leaf say nothing."""
    problems: list[Problem] = []
    if not _sound(body, site):
        _visit(body, site, (), problems)
    return problems


def _sound(value: Any, site: Site) -> bool:
    """Whether there is nothing against a value: what `_visit` finds, without the paths, which few bodies need."""
    if value is not None:
        for rule, _ in site.rules:
            if not _holds(rule, value):
                return False
    if isinstance(value, dict):
        # From the side of the kind: most fields of a value have nothing to judge.
        fields = cast("dict[str, Any]", value)
        for key, below in site.judged.items():
            if key in fields and not _sound(fields[key], below):
                return False
        others = site.values
        return others is None or all(_sound(field, others) for field in fields.values())
    if isinstance(value, list | tuple):
        items, below = cast("list[Any]", value), site.items
        if (site.keys or site.distinct) and len(items) > 1 and _repeated(items, site):
            return False
        return below is None or all(_sound(item, below) for item in items)
    return True


def _visit(value: Any, site: Site, path: Path, problems: list[Problem]) -> None:
    if isinstance(value, dict):
        for key, field in cast("dict[str, Any]", value).items():
            below = site.fields.get(key, site.values)
            if below is not None:
                _visit(field, below, (*path, key), problems)
    elif isinstance(value, list | tuple):
        _visit_items(cast("list[Any]", value), site, path, problems)
    # Most places have no rules. A null that the schema allows is absent for a rule.
    if site.rules and value is not None:
        problems += [(path, message) for rule, message in site.rules if not _holds(rule, value)]


def _visit_items(items: list[Any], site: Site, path: Path, problems: list[Problem]) -> None:
    if site.items is not None:
        for index, item in enumerate(items):
            _visit(item, site.items, (*path, index), problems)
    if site.keys or site.distinct:
        problems += [((*path, index), message) for index, message in _repeated(items, site)]


def _repeated(items: list[Any], site: Site) -> list[tuple[int, str]]:
    first: dict[Any, int] = {}
    found: list[tuple[int, str]] = []
    for index, item in enumerate(items):
        identity = _identity(item, site)
        if identity is not None and first.setdefault(identity, index) != index:
            what = f"the same {' and '.join(site.keys)}" if site.keys else "the same value"
            found.append((index, f"has {what} as item {first[identity]}"))
    return found


def _identity(item: Any, site: Site) -> tuple[Any, ...] | None:
    """What has to be unique of an item; None when that is opaque."""
    identity = tuple(item.get(key) for key in site.keys) if site.keys and isinstance(item, dict) else (item,)
    return None if any(isinstance(part, Opaque | dict | list) for part in identity) else identity


def _holds(rule: str, value: Any) -> bool:
    try:
        return _rules()[rule](value)
    except OpaqueError:
        return True
    except (LookupError, TypeError, ValueError):
        # A rule that can't be evaluated is a refusal to the API server too.
        return False


@functools.cache
def _rules() -> Rules:
    # Late, so that a program whose kinds have no rules never loads them.
    return import_module("tenantmesh.schema.rules").RULES
