"""Fills in the API server's defaults, on which schemas and rules may rest."""

from typing import Any, cast

from tenantmesh.schema.sites import Site


def filled(value: Any, site: Site) -> Any:
    """The value with the defaults of its kind; parts without one are the given ones, and nothing given changes."""
    if isinstance(value, dict):
        return _fields(cast("dict[str, Any]", value), site)
    if isinstance(value, list | tuple) and site.items is not None:
        items, below = cast("list[Any]", value), site.items
        made = [filled(item, below) for item in items]
        return made if any(new is not old for new, old in zip(made, items, strict=True)) else value
    return value


def _fields(value: dict[str, Any], site: Site) -> dict[str, Any]:
    # The server puts a default in the place of a null too.
    missing = {key: default for key, default in site.defaults.items() if value.get(key) is None}
    if missing:
        value = value | missing
    changed: dict[str, Any] = {}
    for key, field in value.items():
        below = site.fields.get(key) or site.values
        made = filled(field, below) if below is not None else field
        if made is not field:
            changed[key] = made
    return value | changed if changed else value
