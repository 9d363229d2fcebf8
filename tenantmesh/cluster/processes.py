"""Starting, finding and ending the components' processes.

A process is known by two variables in its environment, the cluster's folder and the component's name, which nobody else
has. So nothing has to be written down that could be lost in a crash, and a pid that was given to another program
meanwhile is never taken for ours. A process is ended through a pidfd, which can't come to mean another process either.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from tenantmesh.errors import ClusterError

_FOLDER = "TENANTMESH_CLUSTER"
_COMPONENT = "TENANTMESH_COMPONENT"
_PROC = Path("/proc")
_GO_SETTINGS = ("GOGC", "GOMEMLIMIT")
"""How much memory Go programs take to save time (https://pkg.go.dev/runtime#hdr-Environment_Variables)."""
_VISIBLE_WITHIN = 10.0
_ENDED = ("Z", "X")
"""The states of a process that has ended, in /proc."""


class Process(Struct, frozen=True, kw_only=True):
    """A running component: its pid and its command line."""

    pid: int
    component: str
    command: tuple[str, ...]


def require_linux() -> None:
    """ClusterError where there is no /proc to find processes in."""
    if sys.platform != "linux":
        raise ClusterError("the local control plane runs on Linux only: give a kubeconfig of another cluster instead")


def marks(folder: Path, component: str) -> dict[str, str]:
    """The environment variables by which a process is known as that component of the cluster in `folder`."""
    return {_FOLDER: str(folder), _COMPONENT: component}


def find(folder: Path) -> tuple[Process, ...]:
    """The components of the cluster in `folder` that run now, by pid."""
    found = (_read(int(entry.name), folder) for entry in _PROC.iterdir() if entry.name.isdecimal())
    return tuple(sorted((process for process in found if process), key=lambda process: process.pid))


def is_running(process: Process, folder: Path) -> bool:
    """Whether that very process still runs."""
    deadline = time.monotonic() + _VISIBLE_WITHIN
    # On its way to another program a process has no environment for a moment, as one that ended has none.
    while not (shown := _environment(process.pid)) and not _has_ended(process.pid) and time.monotonic() < deadline:
        time.sleep(0.001)
    return shown.items() >= marks(folder, process.component).items()


def inherited() -> dict[str, str]:
    """What every process that is started has of this one's environment: where programs are, and Go's own settings."""
    return {"PATH": os.defpath} | {name: os.environ[name] for name in ("PATH", *_GO_SETTINGS) if name in os.environ}


def start(component: str, command: Sequence[str], folder: Path, log: Path) -> Process:
    """Start a component that outlives this process and prints to `log`; what the log held before is kept as `.old`.

    It gets no other variable of ours: etcd would read every ETCD_* as a flag, and kwok the settings in the user's home.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".old"))
    environment = {
        **marks(folder, component),
        "HOME": str(folder),
        **inherited(),
    }
    pid = os.posix_spawn(
        command[0],
        list(command),
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=[],
        # Python ignores these, and a program inherits that.
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )
    _wait_until_visible(pid, folder)
    return Process(pid=pid, component=component, command=tuple(command))


def stop(process: Process, folder: Path, *, grace: float) -> None:
    """End a process: ask, wait up to `grace` seconds, then kill. One that has ended already is fine."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(process.pid)
        try:
            if is_running(process, folder):
                signal.pidfd_send_signal(descriptor, signal.SIGTERM)
                if not _ends(descriptor, grace):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                    _must_end(descriptor, process)
        finally:
            os.close(descriptor)
    _reap(process.pid)


def _read(pid: int, folder: Path) -> Process | None:
    """A zombie has no environment any more, and another user's process does not show its own."""
    variables = _environment(pid)
    if variables.get(_FOLDER) != str(folder) or _COMPONENT not in variables:
        return None
    try:
        command = (_PROC / str(pid) / "cmdline").read_bytes().decode().rstrip("\0").split("\0")
    except (OSError, UnicodeDecodeError):
        return None
    return Process(pid=pid, component=variables[_COMPONENT], command=tuple(command))


def _environment(pid: int) -> dict[str, str]:
    try:
        return dict(_pairs((_PROC / str(pid) / "environ").read_bytes()))
    except OSError:
        return {}


def _has_ended(pid: int) -> bool:
    """Whether a process is gone or a zombie, or not ours to look at."""
    try:
        (_PROC / str(pid) / "environ").read_bytes()
        state = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in _ENDED


def _pairs(environment: bytes) -> Iterator[tuple[str, str]]:
    for entry in environment.decode(errors="surrogateescape").split("\0"):
        name, separator, value = entry.partition("=")
        if separator:
            yield name, value


def _wait_until_visible(pid: int, folder: Path) -> None:
    """The kernel lets the parent go on shortly before the new program's environment can be read."""
    deadline = time.monotonic() + _VISIBLE_WITHIN
    while _read(pid, folder) is None and time.monotonic() < deadline:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(0.001)


def _ends(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _must_end(descriptor: int, process: Process) -> None:
    if not _ends(descriptor, 30):
        raise ClusterError(f"{process.component} (pid {process.pid}) does not end: look at what it waits for")


def _reap(pid: int) -> None:
    """Free the entry of a process that this one started; others belong to the system's first process."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
