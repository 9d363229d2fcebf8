"""A stack that is open: every step goes to the journal, and the end of the run folds it into the checkpoint."""

import contextlib
import itertools
import threading
from collections.abc import Generator, Mapping

from tenantmesh.engine.backend import checkpoint, files, history, journal, loading
from tenantmesh.engine.backend.history import Update
from tenantmesh.engine.backend.journal import Journal
from tenantmesh.engine.backend.ledger import Ledger
from tenantmesh.engine.backend.loading import Loaded
from tenantmesh.engine.backend.location import Layout
from tenantmesh.engine.backend.lock import StackLock
from tenantmesh.engine.backend.names import StackName
from tenantmesh.engine.backend.passphrase import Passphrase
from tenantmesh.engine.backend.properties import Json, PropertyCodec
from tenantmesh.engine.backend.records import encode_operation, encode_resource
from tenantmesh.engine.events import Op
from tenantmesh.engine.resource import Change, Operation
from tenantmesh.errors import EngineError, StateError


class ReadSession:
    """A stack opened for reading: it has a snapshot and keys, and refuses to note anything."""

    def __init__(self, layout: Layout, name: StackName, passphrase: Passphrase) -> None:
        self.project, self.name = name.project, name.stack
        loaded = loading.load(layout, name)
        codec = loading.codec_for(loaded.checkpoint.salt, passphrase.unlock)
        records, pending = loaded.ledger.records(), list(loaded.ledger.pending.values())
        self.snapshot = loading.decode(loaded.checkpoint.path, records, pending, codec)
        self._keys = itertools.count(len(records) + len(pending) + 1)

    def next_key(self) -> int:
        """A key that no record has."""
        return next(self._keys)

    def begin(self, operation: Operation) -> int:
        """Refused."""
        raise self._refusal(operation.resource.urn)

    def end(self, token: int, change: Change | None) -> None:
        """Refused."""
        raise self._refusal(f"operation {token}, {change}")

    def record(self, change: Change) -> None:
        """Refused."""
        raise self._refusal(change.put.urn if change.put else "a drop")

    def rebase(self) -> None:
        """Refused."""
        raise self._refusal("a new order")

    def finish(self, *, ok: bool = True, changes: Mapping[Op, int] | None = None) -> None:
        """Nothing to do, whatever the outcome."""

    def _refusal(self, what: str) -> StateError:
        return StateError(f"{self.project}/{self.name} is open for reading only: {what} can't be noted")


class WriteSession:
    """A stack opened for a run; it owns the stack's lock until it is finished or abandoned."""

    def __init__(self, layout: Layout, name: StackName, passphrase: Passphrase, salt: str, update: Update) -> None:
        self.project, self.name = name.project, name.stack
        self._layout, self._stack, self._update = layout, name, update
        self._mutex = threading.Lock()
        self._open = True
        self._lock = StackLock(name, layout.locks(name), layout.gate(name), update.command)
        try:
            self._load(passphrase, salt)
        except BaseException:
            self._lock.release()
            raise

    def next_key(self) -> int:
        """A key that no record of this run has."""
        return next(self._keys)

    def begin(self, operation: Operation) -> int:
        """Note durably that a provider call starts."""
        with self._explained(operation.resource.urn):
            encoded = encode_operation(operation, self._codec)
        with self._mutex:
            token = next(self._tokens)
            number = self._note({"token": token, "operation": encoded})
        self._journal.sync(number)
        return token

    def end(self, token: int, change: Change | None) -> None:
        """Note durably what came of an operation."""
        entry = self._encode(change) if change is not None else {}
        with self._mutex:
            if token not in self._ledger.pending:
                raise StateError(f"operation {token} is not under way")
            number = self._note({"token": token, **entry})
        self._journal.sync(number)

    def record(self, change: Change) -> None:
        """Note a change that took no provider call."""
        entry = self._encode(change)
        with self._mutex:
            self._note(entry)

    def rebase(self) -> None:
        """Let the present order of the records be the old one."""
        with self._mutex:
            self._note({"rebase": True})

    def finish(self, *, ok: bool = True, changes: Mapping[Op, int] | None = None) -> None:
        """Fold, note the update in the history and give back the lock; once."""
        with self._mutex:
            if not self._open:
                return
            self._open = False
        try:
            data = self._fold()
            history.add(self._layout, self._stack, self._update, data, ok=ok, changes=changes or {})
        finally:
            self._journal.close()
            self._lock.release()

    def abandon(self, reason: BaseException) -> None:
        """Finish a run that broke off; if even that fails, the journal keeps its steps for the next one."""
        try:
            self.finish(ok=False)
        except EngineError as error:
            reason.add_note(f"the steps so far stay in {self._layout.journal(self._stack)}: {error}")

    def _load(self, passphrase: Passphrase, salt: str) -> None:
        loaded = self._recovered(loading.load(self._layout, self._stack))
        old = loaded.checkpoint
        # Both are unlocked before anything happens: a resource that was made must not fail to be noted.
        crypter = passphrase.unlock(salt or old.salt) if salt or old.salt else passphrase.create()
        codec = loading.codec_for(old.salt, passphrase.unlock)
        self.snapshot = loading.decode(old.path, old.records, old.pending, codec)
        self._codec = codec
        if crypter.salt != old.salt or codec.found_plaintext:
            self._codec = PropertyCodec(lambda: crypter)
            loaded = self._rewritten(loaded, crypter.salt)
        self._salt, self._checkpoint, self._ledger = crypter.salt, loaded.checkpoint, loaded.ledger
        self._unchanged = {state.key: state for state in self.snapshot.resources}
        self._keys = itertools.count(self._ledger.keys + 1)
        self._tokens = itertools.count(len(self._ledger.pending))
        self._digest = loaded.digest
        self._journal = Journal(self._layout.journal(self._stack), loaded.digest)

    def _recovered(self, loaded: Loaded) -> Loaded:
        """The state with the journal of a crashed run folded into it on disk."""
        if not loaded.journalled:
            return loaded
        old = loaded.checkpoint
        folded = loading.updated(old, loaded.ledger, old.salt)
        digest = loaded.digest
        if folded is not old:
            data = loading.packed(old.path, folded)
            digest = checkpoint.digest(data)
            # A crash from here on finds a journal that names its own result, and so doesn't fold twice.
            journal.add_result(self._layout.journal(self._stack), digest)
            loading.store(old.path, data)
        files.remove(self._layout.journal(self._stack))
        return Loaded(folded, digest, Ledger(folded.records, folded.pending), journalled=False)

    def _rewritten(self, loaded: Loaded, salt: str) -> Loaded:
        """The state encrypted anew, on disk too, so that a checkpoint and its journal always share one salt."""
        records = [encode_resource(state, self._codec) for state in self.snapshot.resources]
        pending = [encode_operation(operation, self._codec) for operation in self.snapshot.pending]
        old = loaded.checkpoint
        new = old.replaced(records, pending, salt)
        data = loading.packed(old.path, new)
        loading.store(old.path, data)
        return Loaded(new, checkpoint.digest(data), Ledger(records, pending), journalled=False)

    def _fold(self) -> bytes:
        """Write the checkpoint if anything changed, and remove the journal; gives the checkpoint's bytes."""
        path = self._checkpoint.path
        folded = loading.updated(self._checkpoint, self._ledger, self._salt)
        data = loading.packed(path, folded)
        if folded is not self._checkpoint:
            self._refuse_change()
            if self._journal.exists:
                self._journal.sync(self._journal.append({"result": checkpoint.digest(data)}))
            loading.store(path, data)
        files.remove(self._journal.path)
        return data

    def _refuse_change(self) -> None:
        """Keep the journal instead of folding it over what somebody wrote who did not wait for the lock."""
        if checkpoint.digest(files.read(self._checkpoint.path) or b"") != self._digest:
            self._journal.sync(self._journal.append({}))
            raise StateError(loading.mismatch(self._layout, self._stack))

    def _note(self, entry: Json) -> int:
        if not self._open:
            raise StateError(f"{self.project}/{self.name} is finished: nothing more can be noted")
        self._ledger.apply(entry)
        return self._journal.append(entry)

    def _encode(self, change: Change) -> Json:
        entry: Json = {"drop": list(change.drop)} if change.drop else {}
        state = change.put
        if state is not None:
            entry["key"] = state.key
            # A state that was never replaced is stored already, so its key says it all.
            if self._unchanged.get(state.key) is not state:
                self._unchanged.pop(state.key, None)
                with self._explained(state.urn):
                    entry["put"] = encode_resource(state, self._codec)
        return entry

    @contextlib.contextmanager
    def _explained(self, urn: str) -> Generator[None]:
        try:
            yield
        except RecursionError:
            raise StateError(f"resource {urn}: a value is nested too deeply to be stored") from None
        except StateError as error:
            raise type(error)(f"resource {urn}: {error}") from None
