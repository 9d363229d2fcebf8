"""How one argument is read: small readers that are put together to tables, and collect every problem by its path."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

Reader = Callable[[Any, str, list[str]], Any]
"""Reads a value at a path; adds to the problems and returns None where the value can't be used."""

Rule = Callable[[dict[str, Any]], Iterable[tuple[str, str]]]
"""Looks at fields together; yields the field's name ("" for all of them) and what is wrong."""

Check = Callable[[str], str]
"""Says why a text can't be used, or "" when it can."""


def text(*checks: Check) -> Reader:
    """Text that passes all checks."""

    def read(value: Any, path: str, problems: list[str]) -> str | None:
        if not isinstance(value, str):
            return refuse(value, "text", path, problems)
        for check in checks:
            if problem := check(value):
                problems.append(f"{path}: {problem}")
                return None
        return str(value)

    return read


def integer(low: int, high: int, what: str) -> Reader:
    """A whole number from `low` to `high`; 3.0 is 3, because numbers arrive so from other languages."""

    def read(value: Any, path: str, problems: list[str]) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return refuse(value, what, path, problems)
        if value != int(value) or not low <= value <= high:
            problems.append(f"{path}: {value} is not {what} ({low}-{high})")
            return None
        return int(value)

    return read


def boolean(value: Any, path: str, problems: list[str]) -> bool | None:
    """True or False."""
    return value if isinstance(value, bool) else refuse(value, "true or false", path, problems)


def choice(words: type[StrEnum]) -> Reader:
    """A member of an enumeration, or its value."""
    members = {member.value: member for member in words}

    def read(value: Any, path: str, problems: list[str]) -> StrEnum | None:
        if not isinstance(value, str):
            return refuse(value, f"one of {', '.join(members)}", path, problems)
        if value not in members:
            problems.append(f"{path}: {value!r} is none of {', '.join(members)}{did_you_mean(value, members)}")
        return members.get(value)

    return read


def quantity(parse: Callable[[str], int], example: str) -> Reader:
    """An amount that `parse` turns into a whole number."""

    def read(value: Any, path: str, problems: list[str]) -> int | None:
        if not isinstance(value, str):
            return refuse(value, f"an amount such as {example!r}", path, problems)
        try:
            return parse(value)
        except ValueError:
            problems.append(f"{path}: {value!r} is not an amount such as {example!r}")
            return None

    return read


def leaf(value: Any, path: str, problems: list[str]) -> Any:
    """Text, or an opaque value that becomes text (a Pulumi output); it is passed on and never shown."""
    if value is None or isinstance(value, bool | int | float | list | tuple | dict):
        problems.append(f"{path}: a {type(value).__name__} is not text: write it in quotes")
        return None
    return value


def anything(value: Any, path: str, problems: list[str]) -> Any:  # noqa: ARG001 - a Reader that has nothing to refuse
    """Any value, as it is."""
    return value


def several(item: Reader, least: int = 0) -> Reader:
    """A list, read to a tuple in the user's order."""

    def read(value: Any, path: str, problems: list[str]) -> tuple[Any, ...] | None:
        if not isinstance(value, list | tuple):
            return refuse(value, "a list", path, problems)
        if len(value) < least:
            problems.append(f"{path}: is empty: name at least {least}")
        return tuple([item(one, f"{path}[{index}]", problems) for index, one in enumerate(value)])

    return read


def names(*checks: Check, least: int = 0) -> Reader:
    """A list of texts where order and repetition mean nothing, read to a sorted tuple."""
    listing = several(text(*checks), least)

    def read(value: Any, path: str, problems: list[str]) -> tuple[str, ...] | None:
        before = len(problems)
        found = listing(value, path, problems)
        return tuple(sorted(set(found))) if len(problems) == before else None

    return read


def pairs(value_reader: Reader, *key_checks: Check) -> Reader:
    """A dictionary, read to a tuple of pairs in the order of the keys."""
    key_reader = text(*key_checks)

    def read(value: Any, path: str, problems: list[str]) -> tuple[tuple[str, Any], ...] | None:
        if not isinstance(value, Mapping):
            return refuse(value, "a mapping", path, problems)
        found = [
            (key_reader(key, f"{path}.{key}", problems), value_reader(item, f"{path}.{key}", problems))
            for key, item in value.items()
        ]
        return tuple(sorted(found, key=lambda pair: str(pair[0])))

    return read


def record(
    make: Callable[..., Any], fields: Mapping[str, Reader], required: Iterable[str] = (), rules: Iterable[Rule] = ()
) -> Reader:
    """A dictionary of known keys, handed to `make` by keyword when nothing in it is wrong. None counts as not given."""

    def read(value: Any, path: str, problems: list[str]) -> Any:
        if not isinstance(value, Mapping):
            return refuse(value, "a mapping", path, problems)
        before = len(problems)
        found = _fields(value, path, problems, fields)
        problems.extend(f"{path}.{key}: is missing" for key in required if key not in found)
        if len(problems) == before:
            problems.extend(_at(path, key, problem) for rule in rules for key, problem in rule(found))
        return make(**found) if len(problems) == before else None

    return read


def refuse(value: Any, wanted: str, path: str, problems: list[str]) -> None:
    """Say that a value has the wrong type; a value of no plain type decides shapes and so can't be used."""
    if isinstance(value, str | int | float | bool | list | tuple | dict | None):
        # What was meant to be a mapping may hold secrets.
        plain = isinstance(value, str | int | float) and wanted not in ("a mapping", "a list")
        shown = repr(value) if plain else f"a {type(value).__name__}"
        problems.append(f"{path}: {shown} is not {wanted}")
    else:
        problems.append(f"{path}: {type(value).__name__} values are not known in time: write {wanted} plainly")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a hint, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f": did you mean {near[0]!r}?" if near else ""


def _fields(value: Mapping[Any, Any], path: str, problems: list[str], fields: Mapping[str, Reader]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, given in value.items():
        reader = fields.get(key)
        if reader is None:
            problems.append(f"{path}.{key}: is not known{did_you_mean(str(key), fields)}")
        elif given is not None:
            found[key] = reader(given, f"{path}.{key}", problems)
    return found


def _at(path: str, key: str, problem: str) -> str:
    return f"{path}.{key}: {problem}" if key else f"{path}: {problem}"
