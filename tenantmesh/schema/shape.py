"""Says whether an object has the shape of its kind: what a reader may rely on, whoever wrote the object."""

import functools
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

from jsonschema_rs import Draft4Validator
from msgspec import Struct

from tenantmesh.schema.catalog import DEFINITIONS, Schema, UnknownKindError, kind, known_kinds
from tenantmesh.schema.opaque import Path, Plain, plain
from tenantmesh.schema.wording import below, dotted, lines, located_path

Fields = dict[str, Any]

# What a shape is made of. Limits, patterns and choices are about values, and rules about what is written together.
KEPT: Final = frozenset({"$ref", "enum", "items", "type"})

RENAMED: Final = {("gateway.networking.x-k8s.io", "XListenerSet"): ("gateway.networking.k8s.io", "ListenerSet")}
"""Kinds that were tried out in another group, with the fields that they have now."""
# What only who uses it reads.
CONTENT: Final = frozenset({"binaryData", "data", "stringData"})


class Shaped(NamedTuple):
    """A body, and what keeps it from having the shape of its kind: a line for each wrong field, led by its path."""

    body: Mapping[str, Any]
    misfits: tuple[str, ...] = ()


def shaped(body: Mapping[str, Any]) -> Shaped:
    """The body with its nulls taken as the API server takes them, and what its kind's schema has against it.

    Looked at are the types of fields, fields that are required, and words that are chosen from a list. An unknown field
    is no misfit, nor is anything in a kind without a schema. A null is as good as no field; in a map of text of
    Kubernetes' own, such as labels, it is the empty text. A leaf that is not plain data (a secret, or what only a
    deployment knows) fits any type but that of a map or list, and has no place in ports and addresses; what a
    Secret or ConfigMap holds may be such a leaf altogether.
    """
    known = _open(str(body.get("apiVersion")), str(body.get("kind")))
    if known is None:
        return Shaped(_settled(body, {}, {}))
    try:
        if known.validator.is_valid(body):
            return Shaped(body)
    except ValueError:
        # There are opaque leaves: the validator takes plain data only.
        pass
    body = _settled(body, known.schema, known.schema["definitions"])
    return Shaped(body, tuple(_misfits(plain(body), known)))


class _Open(Struct, frozen=True, kw_only=True):
    """The schema of a kind that leaves room for fields which it does not know."""

    schema: Schema
    validator: Draft4Validator


@functools.cache
def _open(api_version: str, name: str) -> _Open | None:
    try:
        closed = kind(*_served(api_version, name)).schema
    except UnknownKindError:
        return None
    schema: Schema = _opened(closed) | {
        "definitions": {key: _opened(one) for key, one in closed["definitions"].items()}
    }
    return _Open(schema=schema, validator=Draft4Validator(schema))


def _served(api_version: str, name: str) -> tuple[str, str]:
    """The version of a kind that has a schema: others are read alike."""
    group = api_version.rpartition("/")[0]
    group, name = RENAMED.get((group, name), (group, name))
    return _versions().get((group, name), (api_version, name))


@functools.cache
def _versions() -> Mapping[tuple[str, str], tuple[str, str]]:
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for key in known_kinds():
        version, _, name = key.partition(" ")
        found.setdefault((version.rpartition("/")[0], name), (version, name))
    return found


def _opened(schema: Schema) -> Fields:
    made = {key: value for key, value in schema.items() if key in KEPT}
    if isinstance(made.get("type"), list):
        # Null is no value here: it is taken away before.
        made["type"] = [one for one in made["type"] if one != "null"]
    if "enum" in made:
        made["enum"] = [one for one in made["enum"] if one is not None]
    if "items" in schema:
        made["items"] = _opened(schema["items"])
    if isinstance(schema.get("additionalProperties"), Mapping):
        made["additionalProperties"] = _opened(schema["additionalProperties"])
    properties: Schema = schema.get("properties", {})
    if properties:
        made["properties"] = {key: _opened(value) for key, value in properties.items()}
    required = [one for one in schema.get("required", ()) if "default" not in properties.get(one, {})]
    return made | {"required": required} if required else made


def _settled(value: Any, schema: Schema, definitions: Schema, *, typed: bool = False) -> Any:
    """The value without the nulls of its fields; `typed` inside of what Kubernetes' own types read."""
    if "$ref" in schema:
        schema, typed = definitions[schema["$ref"].removeprefix(DEFINITIONS)], True
    if isinstance(value, list):
        items: Schema = schema.get("items", {})
        return [_settled(one, items, definitions, typed=typed) for one in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    properties: Schema = schema.get("properties", {})
    others: Schema | None = schema.get("additionalProperties")
    made: Fields = {}
    for key, field in cast("Fields", value).items():
        if field is not None:
            made[key] = _settled(field, properties.get(key, others or {}), definitions, typed=typed)
        elif others is not None and key not in properties:
            # An entry of a map is there, whatever it holds.
            made[key] = "" if typed and others.get("type") == "string" else None
    return made


def _misfits(made: Plain, known: _Open) -> list[str]:
    first: dict[Path, str] = dict.fromkeys(made.odd_keys, "the name of a field must be string")
    try:
        errors = list(known.validator.iter_errors(made.body))
    except ValueError:
        # The body is plain data, so the validator has come to the end of its stack.
        return ["nested deeper than any object of this kind"]
    for error in errors:
        where = located_path(error, made.body)
        if where not in made.paths:
            for path, text in lines(where, error, known.schema):
                first.setdefault(path, text)
        elif _read(where, wanted := below(known.schema, where).get("type")):
            first[where] = f"must be {wanted} that is known before a deployment"
    return sorted(f"{dotted(path)}: {text}" for path, text in first.items())


def _read(path: Path, wanted: Any) -> bool:
    """Whether a field is one that can't be left open: what nests, ports and addresses."""
    return path[0] not in CONTENT and (wanted in ("array", "object") or "ports" in path or "addresses" in path)
