"""What people write as JSON or YAML, held to its form, with every wrong field named."""

import re
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from tenantmesh.errors import IntentError

Said = TypeVar("Said")


def decoded(adapter: TypeAdapter[Said], text: Any, where: str) -> Said:
    """What an annotation says; `where` leads each problem. Raises IntentError."""
    if not isinstance(text, str):
        raise IntentError([f"{where}: has to be JSON in plain text"])
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise IntentError(_problems(error, where)) from None


def checked(adapter: TypeAdapter[Said], value: Any, where: str) -> Said:
    """What a file says; `where` leads each problem. Raises IntentError."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise IntentError(_problems(error, where)) from None


def _problems(error: ValidationError, where: str) -> list[str]:
    """One line for each wrong field, led by its path as the user wrote it."""
    found = error.errors(include_url=False, include_context=False)
    return [f"{where}{_path(one['loc'])}: {_MESSAGES.get(one['type']) or _lowered(one['msg'])}" for one in found]


def _path(location: tuple[int | str, ...]) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return parts.removeprefix(".")


def _lowered(text: str) -> str:
    return re.sub(r"^[A-Z]", lambda first: first.group().lower(), text)


_MESSAGES = {
    "date_from_datetime_parsing": "has to be a day like 2030-12-31",
    "dict_type": "has to be a mapping",
    "extra_forbidden": "is not known here; remove it or mend its spelling",
    "greater_than_equal": "is not a port (1-65535)",
    "int_type": "is not a port (1-65535)",
    "literal_error": "has to be mutual, none, passthrough or simple",
    "less_than_equal": "is not a port (1-65535)",
    "missing": "is required",
    "model_type": "has to be a mapping",
    "string_too_short": "has to be given",
    "string_type": "has to be text",
    "tuple_type": "has to be a list",
}
