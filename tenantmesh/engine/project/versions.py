"""Version ranges as programs write them for `require_pulumi_version` (github.com/blang/semver: ParseRange)."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final

from tenantmesh.errors import ProgramError

ENGINE_VERSION: Final = "3.272.0"
"""The version of the Pulumi CLI that this engine stands for."""

Version = tuple[int, int, int]

_CONDITION: Final = re.compile(r"(<=|>=|==|!=|<|>|=|!)?\s*v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(?:[-+][\w.+-]*)?")
_COMPARE: Final[Mapping[str, Callable[[Version, Version], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "": operator.eq,
    "!": operator.ne,
    "!=": operator.ne,
}
_OPEN: Final = frozenset({"x", "*"})


def satisfies(version: str, wanted: str) -> bool:
    """Whether `version` is in the range; raises ProgramError when the range is malformed."""
    numbers = version.split(".")
    this = (int(numbers[0]), int(numbers[1]), int(numbers[2]))
    # All parts are read, so that a malformed one is found whatever the others say.
    holds = [_all(this, part.strip(), wanted) for part in wanted.split("||")]
    return any(holds)


def _all(this: Version, part: str, wanted: str) -> bool:
    position, holds = 0, bool(part)
    if not part:
        raise ProgramError(f"{wanted!r} is not a version range; write it like >=3.100.0 <4.0.0")
    while position < len(part):
        match = _CONDITION.match(part, position)
        if match is None:
            raise ProgramError(f"{wanted!r} is not a version range; write it like >=3.100.0 <4.0.0")
        holds = holds and _one(this, match)
        position = match.end()
        while part[position : position + 1].isspace():
            position += 1
    return holds


def _one(this: Version, match: "re.Match[str]") -> bool:
    sign, *parts = match.groups()
    given = [part for part in parts if part is not None and part not in _OPEN]
    if len(given) < len(parts) and any(part in _OPEN for part in parts if part is not None):
        return _within(this, sign or "", [int(part) for part in given])
    filled = [int(part) for part in given] + [0] * (3 - len(given))
    return _COMPARE[sign or ""](this, (filled[0], filled[1], filled[2]))


def _within(this: Version, sign: str, given: list[int]) -> bool:
    """A condition with a wildcard: `3.x` is any 3, `>3.x` is from 4.0.0."""
    head = this[: len(given)]
    return _COMPARE[sign](head, tuple(given))  # pyright: ignore[reportArgumentType]  shorter versions compare as well
