"""Judges a body that fits its schema by the rules of its kind and by the keys of its lists."""

from typing import Any, cast

from tenantmesh.schema.opaque import Opaque, OpaqueError, Path
from tenantmesh.schema.sites import Site
from tenantmesh.schema.sound import rules, soundness

Problem = tuple[Path, str]


def judge(body: Any, site: Site) -> list[Problem]:
    """What the rules say against a body with its defaults; rules that need an opaque leaf say nothing."""
    problems: list[Problem] = []
    # Few bodies need the paths that `_visit` finds.
    if not soundness(site)(body):
        _visit(body, site, (), problems)
    return problems


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
        return rules()[rule](value)
    except OpaqueError:
        return True
    except (LookupError, TypeError, ValueError):
        # A rule that can't be evaluated is a refusal to the API server too.
        return False
