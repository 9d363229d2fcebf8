"""The property values that programs, the engine, providers and checkpoints exchange.

A value is plain JSON data (None, bool, int, float, str, list, dict) in which a part may also be one of the
classes below. A number without a fraction is an int. The wire codec and the checkpoint codec translate it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

Value = Any
"""A property value: JSON data with `Unknown`, `Secret`, `Asset`, `Archive` and `ResourceReference` in it."""

Properties = dict[str, Value]


class Unknown:
    """A value that is known only after a deployment; there is one instance, `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Secret(Struct, frozen=True):
    """A value that never appears in output and is encrypted wherever it is stored."""

    value: Value

    def __repr__(self) -> str:
        return "[secret]"


class Asset(Struct, frozen=True):
    """A file's content: exactly one of `text`, `path` and `uri` is set; `hash` is the SHA-256 of the content."""

    text: str | None = None
    path: str | None = None
    uri: str | None = None
    hash: str = ""


class Archive(Struct, frozen=True):
    """A collection of assets: exactly one of `assets` (name → Asset or Archive), `path` and `uri` is set."""

    assets: Mapping[str, Value] | None = None
    path: str | None = None
    uri: str | None = None
    hash: str = ""


class ResourceReference(Struct, frozen=True):
    """A resource passed as a value; `id` is None for a component and may be `UNKNOWN` in a preview."""

    urn: str
    id: "str | Unknown | None" = None
    package_version: str = ""


def transform(value: Value, visit: Callable[[Value], Value]) -> Value:
    """A copy of `value` in which `visit` has replaced every node, children before parents."""
    match value:
        case dict():
            return visit({key: transform(item, visit) for key, item in value.items()})
        case list():
            return visit([transform(item, visit) for item in value])
        case Secret():
            return visit(Secret(transform(value.value, visit)))
        case _:
            return visit(value)


def reveal(value: Value) -> Value:
    """`value` with every secret replaced by what it holds, itself if it has none; for providers, never for output."""
    if not has_secrets(value):
        return value
    return transform(value, lambda node: node.value if isinstance(node, Secret) else node)


def conceal(value: Value) -> Value:
    """`value` with every secret replaced by the text `[secret]`; for output."""
    match value:
        case Secret():
            return "[secret]"
        case dict():
            return {key: conceal(item) for key, item in value.items()}
        case list():
            return [conceal(item) for item in value]
        case _:
            return value


def has_unknowns(value: Value) -> bool:
    """Whether any part of `value` is known only after a deployment."""
    return _contains(value, Unknown)


def has_secrets(value: Value) -> bool:
    """Whether any part of `value` is a secret."""
    return _contains(value, Secret)


def _contains(value: Value, kind: type) -> bool:
    # Several times for every resource of a run, and nearly always in vain: so it is a loop.
    left: list[Value] = [value]
    for node in left:
        match node:
            case dict():
                left.extend(node.values())
            case list():
                left.extend(node)
            case _ if isinstance(node, kind):
                return True
            case Secret():
                left.append(node.value)
            case ResourceReference(id=identifier) if isinstance(identifier, kind):
                return True
            case _:
                continue
    return False
