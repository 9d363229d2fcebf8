"""Says fast whether a body keeps the rules of its kind and the keys of its lists, without saying where it does not."""

import functools
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from tenantmesh.schema.sites import Site

Sound = Callable[[Any], bool]
"""Whether there is nothing against a value; also False where that takes a closer look."""

Rules = Mapping[str, Callable[[Any], bool]]


@functools.cache
def rules() -> Rules:
    """The rules of all kinds by their text; loaded late, so that a program whose kinds have none never does."""
    return import_module("tenantmesh.schema.rules").RULES


@functools.cache
def soundness(site: Site) -> Sound:
    """The site as one function: that only has to call what a value of its kind needs."""
    return _sound(site, {})


def _sound(site: Site, seen: dict[Site, Sound]) -> Sound:
    if site in seen:
        return seen[site]
    steps: list[Sound] = []
    # Known before it is complete, because a site may contain itself.
    seen[site] = _all(steps)
    steps += _steps(site, seen)
    return steps[0] if len(steps) == 1 else seen[site]


def _steps(site: Site, seen: dict[Site, Sound]) -> list[Sound]:
    steps: list[Sound] = []
    if site.rules:
        steps.append(_by_rules([rules()[rule] for rule, _ in site.rules]))
    if site.judged:
        steps.append(_by_fields({key: _sound(below, seen) for key, below in site.judged.items()}))
    if site.values is not None:
        steps.append(_by_values(_sound(site.values, seen)))
    if site.keys or site.distinct:
        steps.append(_by_identity(site.keys))
    if site.items is not None:
        steps.append(_by_items(_sound(site.items, seen)))
    return steps


def _all(steps: list[Sound]) -> Sound:
    def sound(value: Any) -> bool:
        for step in steps:  # noqa: SIM110  a generator costs more than the steps
            if not step(value):
                return False
        return True

    return sound


def _by_rules(found: list[Callable[[Any], bool]]) -> Sound:
    def sound(value: Any) -> bool:
        # A null that the schema allows is absent for a rule.
        if value is None:
            return True
        try:
            for rule in found:
                if not rule(value):
                    return False
        except Exception:  # noqa: BLE001  what it means that a rule can't be evaluated is for the closer look to say
            return False
        return True

    return sound


def _by_fields(judged: Mapping[str, Sound]) -> Sound:
    # From the side of the kind: most fields of a value have nothing to judge.
    pairs = tuple(judged.items())

    def sound(value: Any) -> bool:
        if isinstance(value, dict):
            for key, below in pairs:
                if key in value and not below(value[key]):
                    return False
        return True

    return sound


def _by_values(below: Sound) -> Sound:
    def sound(value: Any) -> bool:
        return not isinstance(value, dict) or all(map(below, cast("dict[str, Any]", value).values()))

    return sound


def _by_items(below: Sound) -> Sound:
    def sound(value: Any) -> bool:
        if isinstance(value, list | tuple):
            for item in cast("list[Any]", value):
                if not below(item):
                    return False
        return True

    return sound


def _by_identity(keys: tuple[str, ...]) -> Sound:
    def sound(value: Any) -> bool:
        if not isinstance(value, list | tuple) or len(cast("list[Any]", value)) < 2:
            return True
        items = cast("list[Any]", value)
        try:
            names = {tuple([item[key] for key in keys]) for item in items} if keys else set(items)
        except (KeyError, TypeError):
            # A key is left out, or something in the list is no plain data.
            return False
        return len(names) == len(items)

    return sound
