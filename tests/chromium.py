"""Debian's chromium, installed where that is allowed."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 540


def find_chromium() -> str | None:
    """The program, installed on first use (a minute); None where it is not there and can't be installed."""
    if _found() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    return _found()


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _install() -> None:
    """Two workers may come here at once; the second one finds what the first has installed."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["--no-install-recommends", "chromium", "fonts-dejavu-core"]
    with (Path(tempfile.gettempdir()) / "tenantmesh-tests-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _found() is not None:
            return
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
            subprocess.run(command, env=environment, check=True, timeout=_SECONDS, stdout=subprocess.DEVNULL)
