"""The seam between the engine and where a stack's state is kept."""

from collections.abc import Mapping
from typing import Protocol

from tenantmesh.engine.events import Op
from tenantmesh.engine.resource import Change, Operation, Snapshot


class Ledger(Protocol):
    """Takes down what happens to the state, step by step, from several threads at once."""

    def next_key(self) -> int:
        """A key that no record has yet."""
        ...

    def begin(self, operation: Operation) -> int:
        """A provider call is about to start; durable before it returns. Gives a token for `end`."""
        ...

    def end(self, token: int, change: Change | None) -> None:
        """The call is over; None when nothing came of it. Durable before it returns."""
        ...

    def record(self, change: Change) -> None:
        """A change without a provider call; an unchanged resource is put as the very object of the snapshot.

        Records put in a run come first, in the order of their first put; one put with `delete` or
        `pending_replacement` stays where it was; then come the others in their old order.
        """
        ...

    def rebase(self) -> None:
        """From here on, the present order of the records counts as the old one."""
        ...


class StackStore(Ledger, Protocol):
    """One stack's state, opened for a run."""

    @property
    def project(self) -> str:
        """The project's name."""
        ...

    @property
    def name(self) -> str:
        """The stack's name, without organization and project."""
        ...

    @property
    def snapshot(self) -> Snapshot:
        """The state at the start; operations that a crash left pending have the tokens 0, 1, … in their order."""
        ...

    def finish(self, *, ok: bool = True, changes: Mapping[Op, int] | None = None) -> None:
        """Write the new state; nothing is taken down afterwards."""
        ...
