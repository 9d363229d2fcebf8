"""Closes the schemas of Kubernetes' own kinds, those that can be created, and says which are namespaced."""

from collections.abc import Iterator
from typing import Any

from closed import LABEL, META, SPECIAL, Schema, close

PREFIX = "#/definitions/"
# Set by the server or by controllers: writing one is either ignored without a word or refused.
NOT_WRITTEN = {META: {"managedFields", "selfLink"}}


def kinds(document: dict[str, Any]) -> dict[str, Any]:
    """Every kind that can be created, by `apiVersion kind`, with the definitions that they need."""
    names = {_key(gvk): name for name, it in document["definitions"].items() for gvk in _gvks(it)}
    created = dict(sorted(_created(document)))
    listed = {
        key: {"namespaced": namespaced, "schema": {"$ref": PREFIX + names[key]}} for key, namespaced in created.items()
    }
    return {
        "definitions": definitions(document, [names[key] for key in created]),
        "kinds": listed,
    }


def definitions(document: dict[str, Any], roots: list[str]) -> dict[str, Schema]:
    """The closed definitions that are reachable from some names."""
    made: dict[str, Schema] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in made:
            made[name] = _definition(name, document["definitions"][name])
            waiting += _referred(made[name])
    return dict(sorted(made.items()))


def _definition(name: str, schema: Schema) -> Schema:
    if name in SPECIAL:
        return SPECIAL[name]
    if "properties" not in schema:
        # Raw values, times and the like: the shape is free or is the plain type.
        return {key: schema[key] for key in ("type", "format") if key in schema}
    left_out = NOT_WRITTEN.get(name, set()) | ({"status"} if _gvks(schema) else set())
    properties = {key: value for key, value in schema["properties"].items() if key not in left_out}
    made = close({"type": "object"} | schema | {"properties": properties})
    if name == META:
        made["properties"]["labels"]["additionalProperties"] = LABEL
    return made


def _created(document: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for path, operations in document["paths"].items():
        post = operations.get("post", {})
        # Subresources (…/{name}/eviction) are not objects of their own.
        if post.get("x-kubernetes-action") == "post" and "{name}" not in path:
            yield _key(post["x-kubernetes-group-version-kind"]), "/namespaces/{namespace}/" in path


def _gvks(schema: Schema) -> list[dict[str, str]]:
    return schema.get("x-kubernetes-group-version-kind", [])


def _key(gvk: dict[str, str]) -> str:
    return f"{gvk['group']}/{gvk['version']} {gvk['kind']}".removeprefix("/")


def _referred(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(PREFIX)
        for value in schema.values():
            yield from _referred(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _referred(value)
