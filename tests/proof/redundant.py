"""The table of mutations that change nothing, each with its reason."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from tests.proof.mutations import Mutation


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern of `redundant.yaml`: kind and name, what is done, where."""

    pattern: str
    reason: str

    def fits(self, mutation: Mutation) -> bool:
        """Whether a mutation is of this pattern, with the namespace before the name where the pattern has one."""
        key = mutation.original.key
        name = f"{key.namespace}/{key.name}" if "/" in self.pattern.partition(" | ")[0] else key.name
        return bool(_compiled(self.pattern).fullmatch(f"{key.kind} {name} | {mutation.how} | {mutation.place}"))


@cache
def entries() -> tuple[Entry, ...]:
    """All entries in the order of the file; the first that fits a mutation is the one that excuses it."""
    groups = yaml.safe_load((Path(__file__).parent / "redundant.yaml").read_text())
    return tuple(Entry(pattern, group["reason"]) for group in groups for pattern in group["mutations"])


def excuse(mutation: Mutation) -> Entry | None:
    """The entry that says why nothing changes; None for a hole."""
    return next((one for one in entries() if one.fits(mutation)), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))))
