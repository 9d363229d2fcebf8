"""Waiting, always for a bounded time, and saying why in vain: the end of the failing component's log."""

import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from tenantmesh.cluster.processes import Process, is_running
from tenantmesh.errors import ClusterError

_PAUSE = 0.05
_LOG_LINES = 15
_LOG_BYTES = 16384


class Wait(Struct, frozen=True, kw_only=True):
    """Something to wait for: what it is, how to see it, and which process is to blame while it is not so."""

    what: str
    holds: Callable[[], bool]
    process: Process
    log: Path


class EndedError(ClusterError):
    """The process that was waited for has ended."""


def wait_for(wait: Wait, folder: Path, *, timeout: float) -> None:
    """Look until it holds; ClusterError after `timeout` seconds, EndedError when the process ends.

    Both errors show the end of the log.
    """
    deadline = time.monotonic() + timeout
    while not _holds(wait):
        if not is_running(wait.process, folder):
            raise EndedError(_failure(wait, f"{wait.process.component} ended while starting"))
        if time.monotonic() > deadline:
            raise ClusterError(_failure(wait, f"{wait.what} did not come within {timeout:g} s"))
        time.sleep(_PAUSE)


def _holds(wait: Wait) -> bool:
    """A server that is just starting refuses requests: that is a reason to look again."""
    try:
        return wait.holds()
    except ClusterError:
        return False


def _failure(wait: Wait, problem: str) -> str:
    return f"{problem}, see {wait.log}, which ends with:\n{_tail(wait.log)}"


def _tail(log: Path) -> str:
    try:
        text = log.read_bytes()[-_LOG_BYTES:].decode(errors="replace")
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(text.splitlines()[-_LOG_LINES:]) or "(nothing printed)"
