"""Where in a kind a default, a rule or a keyed list sits, so that a check visits those places and no others."""

from collections.abc import Mapping
from typing import Any, Final, cast

from msgspec import Struct, field

REFERENCE: Final = "#/definitions/"

Schemas = Mapping[str, Any]


class Site(Struct, kw_only=True, eq=False):
    """One place: what to fill in, what to judge, and where to go on. Each is itself alone, for it may be in a cycle."""

    defaults: dict[str, Any] = field(default_factory=dict[str, Any])
    rules: tuple[tuple[str, str], ...] = ()
    keys: tuple[str, ...] = ()
    distinct: bool = False
    fields: dict[str, "Site"] = field(default_factory=dict[str, "Site"])
    items: "Site | None" = None
    values: "Site | None" = None
    judged: dict[str, "Site"] = field(default_factory=dict[str, "Site"])
    """Those of `fields` with anything to judge there or below, and not only defaults to fill in."""

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do here or below."""
        own = self.defaults or self.rules or self.keys or self.distinct
        return not (own or self.fields or self.items or self.values)


def site(schema: Schemas, definitions: Schemas) -> Site | None:
    """The sites of a closed schema, or None when it has none."""
    made = _site(schema, definitions, {})
    if made is not None:
        _mark(made, frozenset())
    return made


def fills(schema: Any) -> bool:
    """Whether a schema has a default anywhere."""
    if isinstance(schema, Mapping):
        return "default" in schema or any(fills(value) for value in cast("Schemas", schema).values())
    return isinstance(schema, list) and any(fills(value) for value in cast("list[Any]", schema))


def _site(schema: Schemas, definitions: Schemas, seen: dict[str, Site]) -> Site | None:
    name = str(schema.get("$ref", "")).removeprefix(REFERENCE)
    if name in seen:
        return seen[name]
    made = Site()
    if name:
        # Kept before it is filled, because a definition may contain itself.
        seen[name] = made
        schema = definitions[name]
    _fill(made, schema, definitions, seen)
    return None if made.idle else made


def _fill(made: Site, schema: Schemas, definitions: Schemas, seen: dict[str, Site]) -> None:
    made.rules = tuple((rule["rule"], rule["message"]) for rule in schema.get("x-kubernetes-validations", ()))
    made.keys = tuple(schema.get("x-kubernetes-list-map-keys", ()))
    made.distinct = schema.get("x-kubernetes-list-type") == "set"
    properties: Schemas = schema.get("properties", {})
    made.defaults = {key: value["default"] for key, value in properties.items() if "default" in value}
    below = {key: _site(value, definitions, seen) for key, value in properties.items()}
    made.fields = {key: value for key, value in below.items() if value is not None}
    made.items = _child(schema, "items", definitions, seen)
    made.values = _child(schema, "additionalProperties", definitions, seen)


def _mark(made: Site, above: frozenset[int]) -> bool:
    """Note which fields are judged, here and below, and say whether this place is; one that contains itself may be."""
    if id(made) in above:
        return True
    above |= {id(made)}
    made.judged = {key: below for key, below in made.fields.items() if _mark(below, above)}
    others = [_mark(one, above) for one in (made.items, made.values) if one is not None]
    return bool(made.rules or made.keys or made.distinct or made.judged) or any(others)


def _child(schema: Schemas, key: str, definitions: Schemas, seen: dict[str, Site]) -> Site | None:
    child = schema.get(key)
    return _site(child, definitions, seen) if isinstance(child, Mapping) else None
