"""The resources of a stack while a run changes them, and the order in which they are written back."""

from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.engine.backend.properties import Json


class Ledger:
    """Raw records by key: those put during this run in the order put, then the untouched old ones in their old order.

    A record that is put again stays where it was first put, so dependencies precede dependents if they were put so.
    """

    def __init__(self, records: Iterable[Json], pending: Iterable[Json]) -> None:
        self._old = dict(enumerate(records, start=1))
        self._put: dict[int, Json] = {}
        self.pending: dict[int, Json] = dict(enumerate(pending))
        """Operations that were begun and not ended, by token; the first ones are those of the loaded checkpoint."""

    @property
    def keys(self) -> int:
        """How many keys the loaded records and pending operations have taken, counted from 1."""
        return len(self._old) + len(self.pending)

    def apply(self, entry: Mapping[str, Any]) -> None:
        """Take in one journal entry: `token` and `operation` of a begin, `token` of an end, `drop`, `key` and `put`."""
        if "operation" in entry:
            self.pending[entry["token"]] = entry["operation"]
            return
        if "token" in entry:
            self.pending.pop(entry["token"], None)
        for key in entry.get("drop", ()):
            self._old.pop(key, None)
            self._put.pop(key, None)
        if "put" in entry:
            self._old.pop(entry["key"], None)
            self._put[entry["key"]] = entry["put"]

    def records(self) -> list[Json]:
        """All records in their order."""
        return [*self._put.values(), *self._old.values()]
