"""Reads a stack's state from disk: the checkpoint, and the journal of a run that crashed or still goes on."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from tenantmesh.engine.backend import checkpoint, files, integrity, journal
from tenantmesh.engine.backend.checkpoint import Checkpoint
from tenantmesh.engine.backend.crypter import Crypter
from tenantmesh.engine.backend.ledger import Ledger
from tenantmesh.engine.backend.location import Layout
from tenantmesh.engine.backend.names import StackName
from tenantmesh.engine.backend.properties import Json, PropertyCodec
from tenantmesh.engine.backend.records import decode_operation, decode_resource
from tenantmesh.engine.resource import Snapshot
from tenantmesh.errors import PassphraseError, StateError

_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 0.05
_PACKED: Final = ".gz"


class Loaded(Struct, frozen=True):
    """A checkpoint as it is on disk, and the ledger with the journal's entries on top."""

    checkpoint: Checkpoint
    digest: str
    ledger: Ledger
    journalled: bool
    """Whether a journal is there; it is empty, or folded already, when the ledger shows no change."""


def load(layout: Layout, name: StackName) -> Loaded:
    """The state of `name`; raises StateError when it does not exist, can't be read, or was changed after a crash.

    A run that goes on may fold its journal while this reads the two files, so a mismatch is looked at again.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        path = layout.journal(name)
        # The journal is read first: a fold between the two reads then shows as a result that the checkpoint has.
        entries = journal.read(path, data) if (data := files.read(path)) is not None else None
        content = files.read(place := locate(layout, name))
        if content is None:
            raise StateError(f"the stack {name} does not exist in {layout.root}; create it first")
        loaded = _combine(checkpoint.parse(place, content), checkpoint.digest(content), entries)
        if loaded is not None:
            return loaded
    raise StateError(mismatch(layout, name))


def locate(layout: Layout, name: StackName) -> Path:
    """The checkpoint's path: the most recent form, packed or plain; the plain one when there is none."""
    plain = layout.checkpoint(name)
    forms = [plain, plain.with_name(plain.name + _PACKED), plain.with_name(f"{plain.name}.zst")]
    present = [path for path in forms if path.exists()]
    return max(present, key=lambda path: path.stat().st_mtime_ns, default=plain)


def store(path: Path, data: bytes) -> None:
    """Replace the checkpoint, keeping the one before as `.bak` like the CLI."""
    before = files.read(path)
    if before is not None:
        files.write(path.with_name(f"{path.name}.bak"), before)
    files.write(path, data)
    # The CLI's storage library may have left a digest of the old content there.
    path.with_name(f"{path.name}.attrs").unlink(missing_ok=True)


def packed(path: Path, content: Checkpoint) -> bytes:
    """The bytes of `content` in the form that `path` has."""
    return files.pack(content.render()) if path.suffix == _PACKED else content.render()


def updated(old: Checkpoint, ledger: Ledger, salt: str) -> Checkpoint:
    """The checkpoint with what the ledger holds, in an order that the CLI accepts."""
    records = ledger.records()
    known = {record["urn"] for record in records}
    sound = integrity.ordered([integrity.without_dangling(record, known) for record in records])
    return old.replaced(sound, list(ledger.pending.values()), salt)


def decode(path: Path, records: list[Json], pending: list[Json], codec: PropertyCodec) -> Snapshot:
    """The snapshot that raw records spell, keyed by their places; raises StateError with the path."""
    try:
        resources = tuple(decode_resource(record, key, codec) for key, record in enumerate(records, start=1))
        operations = tuple(
            decode_operation(record, key, codec) for key, record in enumerate(pending, start=len(resources) + 1)
        )
    except PassphraseError:
        raise
    except StateError as error:
        raise StateError(f"{path}: {error}") from None
    except RecursionError:
        raise StateError(f"{path}: a value is nested too deeply to be read") from None
    problem = integrity.problem(records)
    if problem is not None:
        raise StateError(f"{path}: {problem}; run `pulumi state repair`, or restore a file from the backups folder")
    return Snapshot(resources=resources, pending=operations)


def codec_for(salt: str, unlock: Callable[[str], Crypter]) -> PropertyCodec:
    """A codec for state that was written with `salt`; the passphrase is asked for only if there is a secret."""

    def crypter() -> Crypter:
        if not salt:
            raise StateError("there is an encrypted value, but no secrets provider to decrypt it with")
        return unlock(salt)

    return PropertyCodec(crypter)


def _combine(base: Checkpoint, digest: str, entries: list[Json] | None) -> Loaded | None:
    """The two together, or None when the journal extends another checkpoint."""
    ledger = Ledger(base.records, base.pending)
    if not entries or any(entry.get("result") == digest for entry in entries):
        return Loaded(base, digest, ledger, journalled=entries is not None)
    if entries[0].get("base") != digest:
        return None
    for entry in entries[1:]:
        if "result" not in entry:
            ledger.apply(entry)
    return Loaded(base, digest, ledger, journalled=True)


def mismatch(layout: Layout, name: StackName) -> str:
    """What to do about a journal that extends another checkpoint than the one that is there."""
    path = layout.journal(name)
    base = journal.read(path, files.read(path) or b"")
    wanted = base[0].get("base") if base else None
    copies = [
        *sorted(layout.backups(name).glob("*")),
        locate(layout, name).with_name(f"{locate(layout, name).name}.bak"),
    ]
    found = next((copy for copy in copies if checkpoint.digest(files.read(copy) or b"") == wanted), None)
    restore = f"copy {found} over {locate(layout, name)}" if found else "restore the checkpoint that it extends"
    return (
        f"{path}: a run did not end, and its checkpoint {locate(layout, name)} was changed by something else; "
        f"to keep that run's steps, {restore} and run again; to give them up, move the journal away and run a refresh"
    )
