"""When two spellings of a field mean the same to the API server, so that no change is shown for them."""

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tenantmesh.engine.providers.kubernetes.bodies import Body
from tenantmesh.engine.providers.kubernetes.tokens import Kind

_FACTORS: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_QUANTITY_MAPS: Final = frozenset(
    {
        "capacity",
        "default",
        "defaultRequest",
        "hard",
        "limits",
        "max",
        "maxLimitRequestRatio",
        "min",
        "overhead",
        "podFixed",
        "requests",
    }
)
"""Maps whose values are quantities."""
_QUANTITY_FIELDS: Final = frozenset({"averageValue", "divisor", "sizeLimit"})
_FREE_MAPS: Final = frozenset(
    {
        "annotations",
        "binaryData",
        "data",
        "labels",
        "matchLabels",
        "nodeSelector",
        "parameters",
        "selector",
        "stringData",
    }
)
"""Maps of texts, in which an empty text is a value of its own and a number is only a text."""


def normalised(kind: Kind, body: Body) -> Body:
    """`body` with a Secret's `stringData` where the server puts it, and without what the server never keeps."""
    if (kind.group, kind.kind) == ("", "Secret"):
        return _encoded(body)
    if (kind.group, kind.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition"):
        return _plain_definition(body)
    return body


def same(one: Any, other: Any, path: tuple[str | int, ...]) -> bool:
    """Whether two values of a built-in kind's field at `path` are the same to the server."""
    if _equal(one, other):
        return True
    if any(key in _FREE_MAPS for key in path[:-1]):
        return False
    if is_quantity_path(path):
        first, second = quantity(one), quantity(other)
        return first is not None and first == second
    return False


def is_quantity_path(path: tuple[str | int, ...]) -> bool:
    """Whether a built-in kind holds a quantity at `path`."""
    parent = path[-2] if len(path) > 1 else None
    return bool(path) and (
        parent in _QUANTITY_MAPS or path[-1] in _QUANTITY_FIELDS or (parent, path[-1]) == ("target", "value")
    )


def quantity(value: Any) -> Decimal | None:
    """The number that a Kubernetes quantity such as `1500m` or `1Gi` means, or None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = str(value)
    suffix = written.lstrip("+-0123456789.")
    if suffix[:1] in ("e", "E") and suffix[1:].lstrip("+-").isdigit():
        number, suffix = written, ""
    else:
        number = written.removesuffix(suffix) if suffix else written
    try:
        return Decimal(number) * _FACTORS[suffix]
    except (InvalidOperation, KeyError):
        return None


def is_dropped(value: Any, path: tuple[str | int, ...]) -> bool:
    """Whether the server leaves a built-in kind's field out when it has this value (Go's omitempty)."""
    free = any(key in _FREE_MAPS for key in path[:-1])
    return value is None or (not free and value in (False, 0, "", {}, []))


def _equal(one: Any, other: Any) -> bool:
    # In Python True equals 1; to the server they are different types.
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _encoded(body: Body) -> Body:
    data = {key: _reencoded(value) for key, value in (body.get("data") or {}).items()}
    written = body.get("stringData")
    if isinstance(written, dict):
        data |= {key: base64.b64encode(str(value).encode()).decode() for key, value in written.items()}
    if not data:
        return {key: value for key, value in body.items() if key != "stringData"}
    return {**{key: value for key, value in body.items() if key != "stringData"}, "data": data}


def _reencoded(value: Any) -> Any:
    """Base64 as the server writes it: without the line breaks that it tolerates in what it reads."""
    try:
        return base64.b64encode(base64.b64decode(value, validate=False)).decode() if isinstance(value, str) else value
    except binascii.Error:
        return value


def _plain_definition(body: Body) -> Body:
    spec = body.get("spec")
    kept = {key: value for key, value in body.items() if key != "status"}
    if isinstance(spec, dict) and spec.get("preserveUnknownFields") is False:
        kept["spec"] = {key: value for key, value in spec.items() if key != "preserveUnknownFields"}
    return kept
