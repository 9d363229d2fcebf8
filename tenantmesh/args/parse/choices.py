"""Kinds of values and rules that the arguments of traffic share."""

from typing import Any

from tenantmesh.args.parse.readers import Rule, quantity, refuse
from tenantmesh.spec.durations import milliseconds

DURATION = quantity(milliseconds, "2s")


def percentage(value: Any, path: str, problems: list[str]) -> float | None:
    """A part of all requests, which need not be whole."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return refuse(value, "a percentage", path, problems)
    if not 0 <= value <= 100:
        problems.append(f"{path}: {value} is not a percentage (0-100)")
        return None
    return float(value)


def one_of(*keys: str, least: int = 0) -> Rule:
    """At most one of these fields, and at least so many."""
    listed = ", ".join(keys)

    def rule(found: dict[str, Any]) -> list[tuple[str, str]]:
        given = [key for key in keys if found.get(key)]
        if len(given) > 1:
            return [(given[1], f"can't stand beside {given[0]}: leave one out")]
        return [("", f"says nothing: give one of {listed}")] if len(given) < least else []

    return rule


def some_of(*keys: str) -> Rule:
    """At least one of these fields."""

    def rule(found: dict[str, Any]) -> list[tuple[str, str]]:
        return [] if any(found.get(key) for key in keys) else [("", f"says nothing: give {' or '.join(keys)}")]

    return rule
