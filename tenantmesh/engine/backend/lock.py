"""Keeps two runs on one stack apart, and the Pulumi CLI out, by the CLI's own lock files (pkg/backend/diy/lock.go).

The CLI writes its lock and then looks for others, so two that start together may both give up. Runs of tenantmesh on
one machine first pass a gate that the kernel guards, so one of them always wins.
"""

import fcntl
import getpass
import json
import os
import socket
import uuid
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tenantmesh.engine.backend import files
from tenantmesh.engine.backend.names import StackName
from tenantmesh.errors import LockError, StateError

_PROC: Final = Path("/proc")


class StaleLockWarning(UserWarning):
    """A lock of a process that no longer runs was taken over."""


class Holder(Struct, frozen=True, kw_only=True):
    """Who holds a lock. `namespace` and `start` tell a process from another of the same number; the CLI lacks them."""

    path: Path
    pid: int
    user: str
    host: str
    since: str
    command: str
    namespace: str
    start: str

    def __str__(self) -> str:
        doing = f", running {self.command}" if self.command else ""
        return f"{self.user}@{self.host} (process {self.pid}) since {self.since}{doing}"

    def is_gone(self) -> bool:
        """Whether the process surely no longer runs: it was on this machine, and its number is free or reused."""
        if self.host != socket.gethostname() or self.pid <= 0 or self.namespace not in {"", _namespace()}:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return self.start not in {"", _start(self.pid)}


class StackLock:
    """The lock of one stack, taken at construction; leaving it as a context, or `release`, gives it back."""

    def __init__(self, name: StackName, folder: Path, gate: Path, command: str) -> None:
        self._name = name
        self._folder = folder
        self._path = folder / f"{uuid.uuid4()}.json"
        self._gate = _enter(gate)
        try:
            if self._gate < 0:
                raise LockError(_explain(name, _holders(folder), gate))
            self._refuse_others()
            files.write(self._path, json.dumps(_content(command)).encode())
            self._refuse_others()
        except BaseException:
            self.release()
            raise

    def __enter__(self) -> "StackLock":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.release()

    def release(self) -> None:
        """Let others in; once is enough, more does no harm."""
        if self._gate >= 0:
            try:
                files.remove(self._path)
            finally:
                os.close(self._gate)
                self._gate = -1

    def _refuse_others(self) -> None:
        others = [holder for holder in _holders(self._folder) if holder.path != self._path]
        alive = [holder for holder in others if not holder.is_gone()]
        if alive:
            raise LockError(_explain(self._name, alive, self._folder))
        for holder in others:
            warnings.warn(f"{self._name}: took over the lock of {holder}, which no longer runs", StaleLockWarning, 4)
            files.remove(holder.path)


def _enter(gate: Path) -> int:
    """An open file that this process has locked, or -1 when another process has."""
    try:
        gate.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(gate, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(f"{gate}: can't be opened: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return -1
    except OSError as error:
        os.close(handle)
        raise StateError(f"{gate}: can't be locked: {error.strerror}") from error
    return handle


def _holders(folder: Path) -> list[Holder]:
    if not folder.is_dir():
        return []
    found = ((path, files.read(path)) for path in sorted(folder.glob("*.json")) if not path.name.startswith("."))
    return [_parse(path, data) for path, data in found if data is not None]


def _parse(path: Path, data: bytes) -> Holder:
    """What a lock says; one that can't be read is held by nobody known, and so never taken over."""
    try:
        content: Any = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    fields = content if isinstance(content, dict) else {}
    pid = fields.get("pid")
    texts = {key: str(fields.get(key, "")) for key in ("command", "namespace", "start")}
    named = {name: str(fields.get(key) or "unknown") for name, key in _CLI_FIELDS.items()}
    return Holder(path=path, pid=pid if isinstance(pid, int) else 0, **named, **texts)


_CLI_FIELDS: Final = {"user": "username", "host": "hostname", "since": "timestamp"}


def _explain(name: StackName, holders: list[Holder], place: Path) -> str:
    if not holders:
        return f"{name} is locked by a run that has only just started ({place}): wait for it to end"
    who = "; ".join(f"{holder} ({holder.path})" for holder in holders)
    return f"{name} is locked by {who}: wait for it to end, or delete that file if it surely no longer runs"


def _content(command: str) -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "username": _user(),
        "hostname": socket.gethostname(),
        "timestamp": datetime.now(UTC).isoformat(),
        "command": command,
        "namespace": _namespace(),
        "start": _start(os.getpid()),
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return str(os.getuid())


def _namespace() -> str:
    """In which process namespace this process is: a container may share the host's name but not its processes."""
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""


def _start(pid: int) -> str:
    """When a process started, in the kernel's ticks since boot (field 22 of proc_pid_stat(5)); empty if unknown."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
