"""The configuration that Pulumi.yaml declares: types, defaults and whether a key is a secret."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

_TYPES: Final = ("string", "integer", "boolean", "array", "object")
_ESCAPES: Final = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
_FIELDS: Final = frozenset({"type", "items", "description", "secret", "default", "value"})


class Declaration(Struct, frozen=True, kw_only=True):
    """One entry of Pulumi.yaml's `config`.

    `type` is empty when none is declared; `items` is the element type of an array, in the same form as the entry's own.
    `default` is used where a stack says nothing, and is None when there is none.
    """

    type: str = ""
    items: Mapping[str, Any] | None = None
    default: Any = None
    secret: bool = False

    def type_name(self) -> str:
        """The type in words, such as array<integer>."""
        return _type_name(self.type, self.items)

    def fits(self, value: Any) -> bool:
        """Whether `value` may stand for this key; a text that reads as an integer or boolean may too."""
        return not self.type or _fits(self.type, self.items, value)


def parse(key: str, entry: Any, problems: list[str]) -> Declaration:
    """The declaration in `entry`; what is wrong with it is added to `problems`, led by its path."""
    path = f"config.{key}"
    if not isinstance(entry, dict):
        return Declaration(default=entry)
    problems.extend(f"{path}.{name}: is not a field of a declaration" for name in sorted(set(entry) - _FIELDS))
    if "default" in entry and "value" in entry:
        problems.append(f"{path}: has both 'default' and 'value'; keep one")
    if not isinstance(entry.get("secret", False), bool):
        problems.append(f"{path}.secret: has to be true or false")
    kind, items = entry.get("type", ""), entry.get("items")
    if not _check_type(kind, items, path, problems, required="type" in entry):
        kind, items = "", None
    items = items if kind == "array" else None
    default = entry.get("default", entry.get("value"))
    declaration = Declaration(type=kind, items=items, default=default, secret=entry.get("secret") is True)
    if default is not None and not declaration.fits(default):
        problems.append(f"{path}.default: has to be of type {declaration.type_name()}")
    return declaration


def text(value: Any) -> str:
    """`value` as the CLI hands it to a program: text as it is, nothing as an empty text, all else as Go's JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    data = json.dumps(_plain_numbers(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return data.translate(_ESCAPES)


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_type(kind: Any, items: Any, path: str, problems: list[str], *, required: bool) -> bool:
    if kind not in _TYPES:
        if required:
            problems.append(f"{path}.type: has to be one of {', '.join(_TYPES)}")
        return False
    if kind != "array":
        return True
    if not isinstance(items, dict):
        problems.append(f"{path}.items: an array has to declare the type of its items")
        return False
    return _check_type(items.get("type"), items.get("items"), f"{path}.items", problems, required=True)


def _type_name(kind: str, items: Mapping[str, Any] | None) -> str:
    return f"array<{_type_name(items['type'], items.get('items'))}>" if items else kind


def _fits(kind: str, items: Mapping[str, Any] | None, value: Any) -> bool:
    if items is not None:
        return isinstance(value, list) and all(_fits(items["type"], items.get("items"), item) for item in value)
    return _CHECKS[kind](value)


def _is_integer(value: Any) -> bool:
    if isinstance(value, str):
        digits = value[1:] if value[:1] in {"-", "+"} else value
        return digits.isascii() and digits.isdecimal()
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value in {"true", "false"})


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "string": _is_text,
    "integer": _is_integer,
    "boolean": _is_boolean,
    "object": _is_object,
}
