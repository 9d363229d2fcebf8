"""Says what a schema has against a body, one line a field, led by the field's path."""

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from jsonschema_rs import ValidationError

from tenantmesh.schema.opaque import Path

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
REFERENCE: Final = "#/definitions/"
# Patterns whose meaning is clearer than themselves, by how they begin.
MEANINGS: Final = {
    r"^[\r\n]*(([A-Za-z0-9+/]": "is not base64",
    "^[+-]?([0-9]+[.]": 'is not a quantity such as "500m" or "1Gi"',
    "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?": "is not a label value (letters, digits, - _ and . inside)",
}

Schema = Mapping[str, Any]
Lines = Iterator[tuple[Path, str]]


def dotted(path: Path) -> str:
    """A path as people write it: `spec.servers[0].port`, with quotes around odd keys."""
    text = "".join(_step(step) for step in path)
    return text.removeprefix(".")


def located_path(error: ValidationError, body: Any) -> Path:
    """Where an error is; the validator tells a field called `8080` as if it were an index."""
    path: list[str | int] = []
    for step in error.instance_path:
        key = str(step) if isinstance(body, Mapping) else step
        path.append(key)
        body = body[key]
    return tuple(path)


def lines(path: Path, error: ValidationError, schema: Schema) -> Lines:
    """What one error of the validator says, by the path of the field that is wrong."""
    described = DESCRIBED.get(type(error.kind).__name__, _otherwise)
    yield from described(path, error, schema)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if IDENTIFIER.fullmatch(step) else f"[{json.dumps(step)}]"


def _unknown(path: Path, error: ValidationError, schema: Schema) -> Lines:
    known = list(below(schema, path).get("properties", ()))
    for key in error.kind.as_dict()["unexpected"]:
        near = difflib.get_close_matches(key, known, n=1)
        yield (*path, key), f'unknown field (did you mean "{near[0]}"?)' if near else "unknown field"


def _required(path: Path, error: ValidationError, schema: Schema) -> Lines:
    del schema
    yield (*path, error.kind.as_dict()["property"]), "required, but missing"


def _type(path: Path, error: ValidationError, schema: Schema) -> Lines:
    del schema
    wanted = " or ".join(error.kind.as_dict()["types"])
    # Never the value: it may be a secret.
    yield path, f"must be {wanted}, not {_kind_of(error.instance)}"


def _enum(path: Path, error: ValidationError, schema: Schema) -> Lines:
    allowed = [str(value) for value in below(schema, path).get("enum", ()) if value is not None]
    near = difflib.get_close_matches(str(error.instance), allowed, n=1, cutoff=0.5)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    yield path, f"{json.dumps(error.instance, default=str)} is not one of {', '.join(allowed)}{hint}"


def _pattern(path: Path, error: ValidationError, schema: Schema) -> Lines:
    del schema
    pattern = str(error.kind.as_dict()["pattern"])
    meaning = next((text for start, text in MEANINGS.items() if pattern.startswith(start)), None)
    yield path, meaning or f"does not match {pattern}"


def _choice(path: Path, error: ValidationError, schema: Schema) -> Lines:
    del error
    names = dict.fromkeys(_required_names(below(schema, path)))
    hint = f" ({', '.join(names)})" if names else ""
    yield path, f"takes exactly one of its alternatives{hint}"


def _otherwise(path: Path, error: ValidationError, schema: Schema) -> Lines:
    del schema
    limit = {key: value for key, value in error.kind.as_dict().items() if key not in ("reason", "context")}
    yield path, f"breaks {error.kind.name} {' '.join(map(str, limit.values()))}".strip()


def _limit(text: str) -> Callable[[Path, ValidationError, Schema], Lines]:
    def described(path: Path, error: ValidationError, schema: Schema) -> Lines:
        del schema
        yield path, f"{text} {error.kind.as_dict()['limit']}"

    return described


DESCRIBED: Final[dict[str, Callable[[Path, ValidationError, Schema], Lines]]] = {
    "AdditionalProperties": _unknown,
    "AnyOf": _choice,
    "Enum": _enum,
    "MaxItems": _limit("has more items than"),
    "MaxLength": _limit("is longer than"),
    "MaxProperties": _limit("has more fields than"),
    "Maximum": _limit("is greater than"),
    "MinItems": _limit("has fewer items than"),
    "MinLength": _limit("is shorter than"),
    "MinProperties": _limit("has fewer fields than"),
    "Minimum": _limit("is less than"),
    "OneOfMultipleValid": _choice,
    "OneOfNotValid": _choice,
    "Pattern": _pattern,
    "Required": _required,
    "Type": _type,
}


def below(schema: Schema, path: Path) -> Schema:
    """The schema of the field at a path, an empty one where nothing is said."""
    definitions: Schema = schema["definitions"]
    for step in path:
        schema = _resolved(schema, definitions)
        next_schema = schema.get("properties", {}).get(step) if isinstance(step, str) else schema.get("items")
        next_schema = next_schema if next_schema is not None else schema.get("additionalProperties")
        schema = next_schema if isinstance(next_schema, Mapping) else {}
    return _resolved(schema, definitions)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    return definitions[schema["$ref"].removeprefix(REFERENCE)] if "$ref" in schema else schema


def _required_names(schema: Any) -> Iterator[str]:
    """The fields that the alternatives of a schema ask for."""
    for keyword in ("oneOf", "anyOf", "allOf"):
        for choice in schema.get(keyword, ()):
            yield from choice.get("required", ())
            yield from _required_names(choice)


def _kind_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
