"""The resources of a stack while a run changes them, and the order in which they are written back."""

from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.engine.backend.properties import Json


class Ledger:
    """Raw records by key: those put during this run in the order put, then the untouched old ones in their old order.

    A record that is put again stays where it was first put, so dependencies precede dependents if they were put so; an
    old one that is put to be deleted or replaced stays where it was, among what depends on it.
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
        """Take in one journal entry.

        A begin has `token` and `operation`, an end has `token`. A change has `drop`, `key` and `put`; without `put`,
        the record of that key is unchanged and only takes its new place. `rebase` makes the present order the old one.
        """
        if "rebase" in entry:
            self._old = {**self._put, **self._old}
            self._put = {}
            return
        if "operation" in entry:
            self.pending[entry["token"]] = entry["operation"]
            return
        if "token" in entry:
            self.pending.pop(entry["token"], None)
        for key in entry.get("drop", ()):
            self._old.pop(key, None)
            self._put.pop(key, None)
        if "put" in entry:
            self._place(entry["key"], entry["put"])
        elif entry.get("key") in self._old:
            self._place(entry["key"], self._old[entry["key"]])

    def _place(self, key: int, record: Json) -> None:
        leaving = record.get("delete") or record.get("pendingReplacement")
        if key in self._old and leaving:
            self._old[key] = record
        else:
            self._old.pop(key, None)
            self._put[key] = record

    def records(self) -> list[Json]:
        """All records in their order."""
        return [*self._put.values(), *self._old.values()]
