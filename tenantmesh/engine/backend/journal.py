"""The append-only file that makes each step of a run durable without writing the whole checkpoint again.

One line an entry: the CRC-32 of the rest in hexadecimal, a space, and a JSON object. `n` counts the entries, and
`durable` says up to which entry the file was known to be on the disk when this one was written. So a torn end can be
told from damage: what follows the last good entry may be dropped unless a later entry says that it was durable.
"""

import json
import os
import threading
import zlib
from pathlib import Path
from typing import Any, Final

from tenantmesh.engine.backend import files
from tenantmesh.engine.backend.properties import Json
from tenantmesh.errors import StateError

_FORMAT: Final = 1
_BUFFER_BYTES: Final = 1 << 20


class Journal:
    """Appends entries; the file appears with the first `sync`, and says in its first entry what it extends.

    Several threads may append and sync at once: whoever finds no sync running writes for all that wait (group commit).
    """

    def __init__(self, path: Path, base: str) -> None:
        self.path = path
        self._condition = threading.Condition()
        self._lines: list[bytes] = []
        self._bytes = 0
        self._handle = -1
        self._count = 0
        self._durable = -1
        self._syncing = False
        self._failure: str | None = None
        self.append({"format": _FORMAT, "base": base})

    @property
    def exists(self) -> bool:
        """Whether anything was written to the file."""
        return self._handle >= 0

    def append(self, entry: Json) -> int:
        """Add an entry to what the next sync writes; gives its number."""
        body = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        with self._condition:
            number = self._count
            self._count += 1
            line = _line(f'{{"n":{number},"durable":{self._durable},{body[1:]}')
            self._lines.append(line)
            self._bytes += len(line)
            if self._bytes > _BUFFER_BYTES and not self._syncing and self._failure is None:
                self._guarded_write(self._take())
            return number

    def sync(self, number: int) -> None:
        """Return when entry `number` is durable; raises StateError when the disk refuses, now and ever after."""
        with self._condition:
            while self._syncing and self._durable < number and self._failure is None:
                self._condition.wait()
            if self._failure is not None:
                raise StateError(self._failure)
            if self._durable >= number:
                return
            self._syncing = True
            lines, last = self._take(), self._count - 1
        outcome: str | None = f"{self.path}: writing was interrupted; run again"
        try:
            self._guarded_write(lines)
            self._guarded_sync()
            outcome = self._failure
        finally:
            with self._condition:
                self._syncing = False
                self._failure = outcome
                self._durable = last if outcome is None else self._durable
                self._condition.notify_all()
        if outcome is not None:
            raise StateError(outcome)

    def close(self) -> None:
        """Release the file; what was not synced is dropped."""
        with self._condition:
            handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def _take(self) -> bytes:
        lines = b"".join(self._lines)
        self._lines.clear()
        self._bytes = 0
        return lines

    def _guarded_write(self, lines: bytes) -> None:
        try:
            if self._handle < 0:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
                files.sync_folder(self.path.parent)
            files.write_all(self._handle, lines)
        except OSError as error:
            self._fail(error)

    def _guarded_sync(self) -> None:
        try:
            if self._failure is None:
                os.fsync(self._handle)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self._failure = f"{self.path}: can't be written: {error.strerror}; free space or rights and run again"


def read(path: Path, data: bytes) -> list[Json]:
    """The entries of a journal up to its torn end; empty when not even the first is whole.

    Raises StateError when the damage is not at the end, since an entry that was durable would be lost.
    """
    entries: list[Json] = []
    lines = data.split(b"\n")
    for place, line in enumerate(lines):
        # The last piece has no end of line: it is empty or torn.
        entry = _entry(line) if place < len(lines) - 1 else None
        if entry is None or entry.get("n") != len(entries):
            _refuse_loss(path, len(entries), lines[place:])
            break
        entries.append(entry)
    if entries and entries[0].get("format") != _FORMAT:
        raise StateError(f"{path}: a newer tenantmesh wrote this journal; run that version again")
    return entries


def add_result(path: Path, result: str) -> None:
    """Note durably at the end of a crashed run's journal into which checkpoint it is being folded.

    Whoever finds the journal beside that checkpoint knows that its entries are in it already.
    """
    data = files.read(path) or b""
    count = len(read(path, data))
    end = sum(len(line) + 1 for line in data.split(b"\n")[:count])
    try:
        handle = os.open(path, os.O_WRONLY)
        try:
            os.ftruncate(handle, end)
            os.lseek(handle, end, os.SEEK_SET)
            files.write_all(handle, _line(json.dumps({"n": count, "durable": count - 1, "result": result})))
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StateError(f"{path}: can't be written: {error.strerror}") from error


def _refuse_loss(path: Path, good: int, rest: list[bytes]) -> None:
    later = (_entry(line) for line in rest)
    if any(entry is not None and entry.get("durable", -1) >= good for entry in later):
        raise StateError(
            f"{path}: damaged after entry {good}, and entries that were durable follow; restore the file from a copy, "
            "or move it away and run a refresh to find what it held"
        )


def _line(body: str) -> bytes:
    data = body.encode()
    return b"%08x %s\n" % (zlib.crc32(data), data)


def _entry(line: bytes) -> Any:
    checksum, space, data = line[:8], line[8:9], line[9:]
    if space != b" " or checksum != b"%08x" % zlib.crc32(data):
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
