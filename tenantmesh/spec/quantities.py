"""Amounts of CPU and bytes as Kubernetes writes them, read to whole numbers so that they can be added and compared."""

import re
from decimal import Decimal
from functools import lru_cache

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([numkMGTPE]?|[KMGTPE]i)")
_FACTORS: dict[str, Decimal] = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}
_BINARY = tuple((f"{letter}i", 1024**power) for power, letter in reversed(list(enumerate("KMGTPE", start=1))))


@lru_cache(maxsize=4096)
def millicores(text: str) -> int:
    """Thousandths of a CPU in `text` ("2", "500m", "0.5").

    Raises:
        ValueError: it is no quantity, or smaller than a thousandth of a CPU.
    """
    return _whole(_value(text) * 1000, text)


@lru_cache(maxsize=4096)
def size(text: str) -> int:
    """Bytes in `text` ("64Gi", "500M").

    Raises:
        ValueError: it is no quantity, or no whole number of bytes.
    """
    return _whole(_value(text), text)


@lru_cache(maxsize=4096)
def cpu_text(amount: int) -> str:
    """Thousandths of a CPU in the spelling that the API server keeps: "2", "500m"."""
    return f"{amount}m" if amount % 1000 else str(amount // 1000)


@lru_cache(maxsize=4096)
def size_text(amount: int) -> str:
    """Bytes with the largest binary suffix that divides them: "64Gi", "1536Mi"."""
    for suffix, factor in _BINARY:
        if amount and amount % factor == 0:
            return f"{amount // factor}{suffix}"
    return str(amount)


def _value(text: str) -> Decimal:
    match = _QUANTITY.fullmatch(text)
    if not match:
        raise ValueError(text)
    return Decimal(match[1]) * _FACTORS[match[2]]


def _whole(value: Decimal, text: str) -> int:
    if value != int(value):
        raise ValueError(text)
    return int(value)
