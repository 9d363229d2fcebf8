"""The kinds that bodies are checked against: their closed schemas, compiled when a kind is first asked for."""

import difflib
import functools
import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, Final

from jsonschema_rs import Draft4Validator, RegexOptions
from msgspec import Struct

from tenantmesh.schema.sites import Site, fills, site

Schema = Mapping[str, Any]

DEFINITIONS: Final = "#/definitions/"
# Groups whose kinds come from custom resource definitions; every other group is Kubernetes' own.
CUSTOM_GROUPS: Final = (
    "cert-manager.io",
    "extensions.istio.io",
    "gateway.networking.k8s.io",
    "networking.istio.io",
    "security.istio.io",
    "telemetry.istio.io",
)
KUBERNETES: Final = "kubernetes"


class Kind(Struct, frozen=True, kw_only=True):
    """One kind, ready to judge bodies."""

    namespaced: bool
    schema: Schema
    validator: Draft4Validator
    site: Site | None
    has_defaults: bool


class UnknownKindError(LookupError):
    """No schema is known for a kind; the message says which kind may have been meant."""


@functools.cache
def kind(api_version: str, name: str) -> Kind:
    """The kind; UnknownKindError when no schema is known."""
    document = _document(_source(api_version))
    entry = document["kinds"].get(f"{api_version} {name}")
    if entry is None:
        raise UnknownKindError(_unknown(f"{api_version} {name}", document["kinds"]))
    schema = entry["schema"] | {"definitions": _needed(entry["schema"], document["definitions"])}
    return Kind(
        namespaced=entry["namespaced"],
        schema=schema,
        # Kubernetes reads patterns with RE2; this engine knows the same expressions and, like it, no others.
        validator=Draft4Validator(schema, pattern_options=RegexOptions(), validate_formats=True),
        site=site(schema, schema["definitions"]),
        has_defaults=fills(schema),
    )


def known_kinds() -> list[str]:
    """Every `apiVersion kind` that can be checked, sorted."""
    return sorted(key for source in (KUBERNETES, *CUSTOM_GROUPS) for key in _document(source)["kinds"])


@functools.cache
def _document(source: str) -> dict[str, Any]:
    return json.loads((files("tenantmesh.schema") / "data" / f"{source}.json").read_bytes())


def _source(api_version: str) -> str:
    group = api_version.partition("/")[0]
    return group if group in CUSTOM_GROUPS else KUBERNETES


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, [*known], n=1)
    return "no schema is known for this kind" + (f" (did you mean {near[0]}?)" if near else "")


def _needed(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that a schema reaches: compiling all of Kubernetes for one kind would be slow."""
    needed: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            # A schema of schemas has a property of this name.
            reference = value.get("$ref")
            name = reference.removeprefix(DEFINITIONS) if isinstance(reference, str) else ""
            if name and name not in needed:
                needed[name] = definitions[name]
                waiting.append(definitions[name])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return needed
