"""Finds the inputs that would make a resource what it is, for refresh and import."""

from collections.abc import Mapping

from tenantmesh.engine.providers.bridged.schema import Field, Role
from tenantmesh.engine.values import Properties, Value


def refreshed_inputs(inputs: Properties, outputs: Properties) -> Properties:
    """The same inputs with the values that the outputs have now; one that the outputs lack is dropped."""
    return {name: _update(old, outputs[name]) for name, old in inputs.items() if outputs.get(name) is not None}


def imported_inputs(fields: Mapping[str, Field], outputs: Properties) -> Properties:
    """All outputs that a user could have set; empty and zero values of optional fields are left out."""
    return {
        name: outputs[name]
        for name, item in fields.items()
        if item.is_input and name in outputs and (item.role is Role.REQUIRED or _counts(outputs[name]))
    }


def _counts(value: Value) -> bool:
    return value is not None and value not in (False, 0, "", [], {})


def _update(old: Value, new: Value) -> Value:
    match old, new:
        case list(), list():
            return [_update(before, after) for before, after in zip(old, new, strict=False)]
        case dict(), dict():
            return {key: _update(before, new[key]) for key, before in old.items() if key in new}
        case _:
            return new
