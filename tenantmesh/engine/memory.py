"""A stack's state in memory: for proofs and tests, and for previews, which leave no trace."""

from collections.abc import Iterable, Mapping
from itertools import count
from threading import Lock

from tenantmesh.engine.events import Op
from tenantmesh.engine.resource import Change, Operation, ResourceState, Snapshot


class Discard:
    """A ledger for previews: it gives keys and forgets the rest."""

    def __init__(self, base: Iterable[ResourceState] = ()) -> None:
        self._keys = count(max((state.key for state in base), default=-1) + 1)

    def next_key(self) -> int:
        """A key that no record has yet."""
        return next(self._keys)

    def begin(self, operation: Operation) -> int:
        """Nothing is going to happen."""
        del operation
        return 0

    def end(self, token: int, change: Change | None) -> None:
        """Nothing happened."""

    def record(self, change: Change) -> None:
        """Nothing changes."""

    def rebase(self) -> None:
        """No order to keep."""


class MemoryStore:
    """A stack whose state is a dict; `state()` is what a crash at this moment would leave behind."""

    def __init__(self, project: str = "project", name: str = "stack", snapshot: Snapshot | None = None) -> None:
        self.project = project
        self.name = name
        self.snapshot = snapshot or Snapshot()
        self.finished = False
        self._old = {state.key: state for state in self.snapshot.resources}
        self._new: dict[int, ResourceState] = {}
        self._pending = dict(enumerate(self.snapshot.pending))
        self._tokens = count(len(self._pending))
        self._keys = count(max(self._old, default=-1) + 1)
        self._lock = Lock()

    def next_key(self) -> int:
        """A key that no record has yet."""
        return next(self._keys)

    def begin(self, operation: Operation) -> int:
        """Remember the operation until it ends."""
        with self._lock:
            token = next(self._tokens)
            self._pending[token] = operation
            return token

    def end(self, token: int, change: Change | None) -> None:
        """Forget the operation and apply what came of it."""
        with self._lock:
            del self._pending[token]
            if change is not None:
                self._apply(change)

    def record(self, change: Change) -> None:
        """Apply the change."""
        with self._lock:
            self._apply(change)

    def rebase(self) -> None:
        """Let the present order be the old one."""
        with self._lock:
            self._old = {**self._new, **self._old}
            self._new = {}

    def finish(self, *, ok: bool = True, changes: Mapping[Op, int] | None = None) -> None:
        """Remember that the run ended by itself."""
        del ok, changes
        self.finished = True

    def state(self) -> Snapshot:
        """The state now."""
        with self._lock:
            return Snapshot(resources=(*self._new.values(), *self._old.values()), pending=tuple(self._pending.values()))

    def reopened(self) -> "MemoryStore":
        """A new run's view of the same stack, after a clean end or a crash."""
        return MemoryStore(self.project, self.name, self.state())

    def _apply(self, change: Change) -> None:
        for key in change.drop:
            self._old.pop(key, None)
            self._new.pop(key, None)
        put = change.put
        if put is None:
            return
        if put.key in self._old and (put.delete or put.pending_replacement):
            self._old[put.key] = put
        else:
            self._old.pop(put.key, None)
            self._new[put.key] = put
