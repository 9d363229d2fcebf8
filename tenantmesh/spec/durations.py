"""Lengths of time as users and Istio write them, counted in milliseconds."""

import re

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h)")


def milliseconds(text: str) -> int:
    """How long `250ms`, `2s`, `5m` or `1h` is. Raises ValueError for another spelling, and for no time at all."""
    found = _DURATION.fullmatch(text)
    if not found or not int(found[1]):
        raise ValueError(text)
    return int(found[1]) * _UNITS[found[2]]


def written(length: int) -> str:
    """The length as Istio reads it: whole seconds as `2s`, others as `250ms`."""
    return f"{length}ms" if length % 1000 else f"{length // 1000}s"
