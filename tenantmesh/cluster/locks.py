"""Locks between processes, held by a file, freed by the kernel when the holder ends in whatever way."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.errors import ClusterError


@contextmanager
def held(path: Path, *, timeout: float, on_progress: OnProgress) -> Generator[None]:
    """Hold the lock at `path`, waiting up to `timeout` seconds for another process to give it back.

    Raises ClusterError, which names the holder's pid, when the time is over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, path, time.monotonic() + timeout, on_progress)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, deadline: float, on_progress: OnProgress) -> None:
    told = False
    while not _try(descriptor):
        holder = os.pread(descriptor, 32, 0).decode() or "unknown"
        if time.monotonic() > deadline:
            raise ClusterError(f"process {holder} still holds {path}: wait for it to finish, or end it, and try again")
        if not told:
            on_progress(Step(text=f"waiting for process {holder}, which holds {path}"))
            told = True
        time.sleep(0.2)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
