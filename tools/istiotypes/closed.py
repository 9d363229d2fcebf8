"""Turns OpenAPI schemas into closed JSON Schemas (draft 4), where an unknown field is an error instead of pruned."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# The bounds that the API server derives from the format of an integer.
BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
# Go's decoder skips line ends wherever they are.
DIGIT, PAD = r"[A-Za-z0-9+/][\r\n]*", r"=[\r\n]*"
BASE64 = rf"^[\r\n]*(({DIGIT}){{4}})*(({DIGIT}){{2}}({PAD}){{2}}|({DIGIT}){{3}}{PAD})?$"
QUANTITY = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
LABEL = {"type": "string", "maxLength": 63, "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"}
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
# Kept as they are: they mean the same in JSON Schema, or are read when the rules and defaults are applied.
KEPT = {
    "allOf",
    "anyOf",
    "default",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "required",
    "type",
    "uniqueItems",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
}
DROPPED = {
    "additionalProperties",
    "description",
    "example",
    "items",
    "nullable",
    "properties",
    "title",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-int-or-string",
    "x-kubernetes-map-type",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-unions",
    "x-kubernetes-validations",
    "$ref",
}
# Shapes that the OpenAPI document describes in words only.
SPECIAL: dict[str, Schema] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["integer", "string"]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "integer", "number"], "pattern": QUANTITY},
}


def custom(schema: Schema) -> Schema:
    """The closed schema of a custom kind; its metadata is checked as the ObjectMeta that it is."""
    root = {key: value for key, value in schema["properties"].items() if key != "status"}
    text = {"type": "string"}
    closed_root = close(schema | {"properties": root | {"apiVersion": text, "kind": text, "metadata": {}}})
    closed_root["properties"]["metadata"] = {"$ref": f"#/definitions/{META}"}
    return closed_root


def close(schema: Schema) -> Schema:
    """One schema and all below it, closed, without descriptions and without rules about an earlier state."""
    if unknown := set(schema) - KEPT - DROPPED:
        raise SystemExit(f"schema keywords that the generator does not know: {sorted(unknown)}")
    made = {key: schema[key] for key in sorted(KEPT & set(schema))} | _references(schema)
    made |= _children(schema) | _bounds(schema) | _rules(schema)
    if schema.get("x-kubernetes-int-or-string"):
        made = {key: value for key, value in made.items() if key != "anyOf"} | {"type": ["integer", "string"]}
    if schema.get("nullable"):
        made |= {"type": [made["type"], "null"]} | ({"enum": [*made["enum"], None]} if "enum" in made else {})
    return _format(made)


def _references(schema: Schema) -> Schema:
    return {"$ref": schema["$ref"]} if "$ref" in schema else {}


def _children(schema: Schema) -> Schema:
    made: Schema = {}
    properties = schema.get("properties", {})
    if properties:
        made["properties"] = {key: close(value) for key, value in properties.items()}
        # A required field with a default is filled in before the server asks for it.
        required = [key for key in schema.get("required", []) if "default" not in properties.get(key, {})]
        made["required"] = required
    if "items" in schema:
        made["items"] = close(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = close(schema["additionalProperties"])
    elif schema.get("type") == "object" and not _open(schema):
        made["additionalProperties"] = False
    return made


def _open(schema: Schema) -> bool:
    return bool(schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("additionalProperties"))


def _bounds(schema: Schema) -> Schema:
    if schema.get("type") != "integer" or schema.get("format") not in BOUNDS:
        return {}
    low, high = BOUNDS[schema["format"]]
    return {"minimum": schema.get("minimum", low), "maximum": schema.get("maximum", high)}


def _rules(schema: Schema) -> Schema:
    rules = schema.get("x-kubernetes-validations", [])
    if odd := {key for rule in rules for key in rule} - {"message", "rule"}:
        raise SystemExit(f"x-kubernetes-validations with keys that the generator does not know: {sorted(odd)}")
    kept = [rule for rule in rules if "oldSelf" not in rule["rule"]]
    return {"x-kubernetes-validations": kept} if kept else {}


def _format(made: Schema) -> Schema:
    if made.get("format") == "byte":
        made |= {"pattern": BASE64}
    if made.get("format") != "date-time":
        made.pop("format", None)
    return {key: value for key, value in made.items() if not (key == "required" and not value)}


def rules(schema: Any) -> Iterator[str]:
    """The text of every rule in a closed schema."""
    if isinstance(schema, dict):
        yield from (rule["rule"] for rule in schema.get("x-kubernetes-validations", []))
        for value in schema.values():
            yield from rules(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from rules(value)
