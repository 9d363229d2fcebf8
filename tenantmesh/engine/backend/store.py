"""The seam between the engine and the state of a stack: what a run reads, and how it makes each step durable."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from tenantmesh.engine.resource import Change, Operation, Snapshot


class Access(StrEnum):
    """What a stack is opened for: writing takes its lock, reading does not."""

    READ = "read"
    WRITE = "write"


class StackStore(Protocol):
    """A stack that is open for one run. All methods may be called from several threads at once."""

    project: str
    name: str
    snapshot: Snapshot
    """As loaded: what a crashed run journalled is in it, and what it left under way is pending. Pending operation i has
    the token i."""

    def next_key(self) -> int:
        """A `ResourceState.key` that no record of this run has."""
        ...

    def begin(self, operation: Operation) -> int:
        """Note, durably before this returns, that a provider call starts; gives a token for `end`."""
        ...

    def end(self, token: int, change: Change | None) -> None:
        """Note durably what came of an operation (None: nothing); it is pending no more."""
        ...

    def record(self, change: Change) -> None:
        """Note a change that took no provider call; durable by the next `begin`, `end` or `finish`."""
        ...

    def finish(self, *, ok: bool = True, changes: Mapping[str, int] | None = None) -> None:
        """Fold everything into the checkpoint, atomically, note the update in the history and give back the lock.

        `changes` counts the steps by kind. Operations that were not ended stay pending in the checkpoint.
        """
        ...
