"""Brings property values into the types that a schema declares, as the bridge's encoder does."""

from collections.abc import Callable, Mapping

from tenantmesh.engine.provider import CheckFailure
from tenantmesh.engine.providers.bridged.schema import Field, Kind
from tenantmesh.engine.values import UNKNOWN, Properties, Value


class _WrongTypeError(Exception):
    """A value does not fit; holds its path below the field and the type that it should have."""

    def __init__(self, path: str, wanted: str) -> None:
        self.path = path
        self.wanted = wanted
        super().__init__(path, wanted)


def normalise(fields: Mapping[str, Field], values: Properties) -> tuple[Properties, tuple[CheckFailure, ...]]:
    """The declared values, converted, without nulls; and those that can't be converted, which are left out.

    A property that no field declares is ignored, as the bridge ignores it. The reasons never quote a value.
    """
    result: Properties = {}
    failures: list[CheckFailure] = []
    for name, item in fields.items():
        try:
            value = _convert(item, values.get(name))
        except _WrongTypeError as error:
            path = name + error.path
            failures.append(CheckFailure(property=path, reason=f"{path} must be {error.wanted}"))
            continue
        if value is not None:
            result[name] = value
    return result, tuple(failures)


def _convert(item: Field, value: Value) -> Value:
    if value is None or value is UNKNOWN:
        return value
    return _CONVERTERS[item.kind](item, value)


def _string(_item: Field, value: Value) -> Value:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case str():
            return value
        case _:
            raise _WrongTypeError("", "a string")


def _integer(_item: Field, value: Value) -> Value:
    if value == "":
        return None
    if not isinstance(value, bool) and isinstance(value, int | float | str):
        try:
            number = float(value)
            if number.is_integer():
                return value if isinstance(value, int) else int(number)
        except ValueError:
            pass
    raise _WrongTypeError("", "a whole number")


def _boolean(_item: Field, value: Value) -> Value:
    if not isinstance(value, bool):
        raise _WrongTypeError("", "true or false")
    return value


def _strings(item: Field, value: Value) -> Value:
    if not isinstance(value, list):
        raise _WrongTypeError("", "a list of strings")
    return [_element(item, f"[{index}]", one) for index, one in enumerate(value)]


def _string_map(item: Field, value: Value) -> Value:
    if not isinstance(value, dict):
        raise _WrongTypeError("", "a map of strings")
    return {key: _element(item, f".{key}", one) for key, one in value.items()}


def _element(item: Field, step: str, value: Value) -> Value:
    if value is None or value is UNKNOWN:
        return value
    return _below(step, _string, item, value)


def _below(step: str, convert: Callable[[Field, Value], Value], item: Field, value: Value) -> Value:
    try:
        return convert(item, value)
    except _WrongTypeError as error:
        raise _WrongTypeError(step + error.path, error.wanted) from None


def _object(item: Field, value: Value) -> Value:
    if not isinstance(value, dict):
        raise _WrongTypeError("", "an object")
    result = {name: _below(f".{name}", _convert, inner, value.get(name)) for name, inner in item.fields.items()}
    return {name: one for name, one in result.items() if one is not None}


_CONVERTERS: Mapping[Kind, Callable[[Field, Value], Value]] = {
    Kind.STRING: _string,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.STRINGS: _strings,
    Kind.STRING_MAP: _string_map,
    Kind.OBJECT: _object,
}
