"""The virtual environment of the policy pack: pulumi-policy holds protobuf to another version than ours."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tenantmesh.cluster.build import cached
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import silent

_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_TIMEOUT = 600.0
"""Seconds for the installation."""


def install() -> Path:
    """The interpreter that has pulumi-policy, installed on first use; skips the test where that can't be done."""
    digest = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = default_cache_folder() / "policypack" / digest
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        cached(folder, _install, silent)
    except subprocess.CalledProcessError as failure:
        pytest.skip(f"pulumi-policy could not be installed: {failure.stderr.strip().splitlines()[-1]}")
    return folder / "bin" / "python"


def _install(part: Path) -> None:
    uv = [sys.executable, "-m", "uv"]
    _run([*uv, "venv", "--quiet", "--python", sys.executable, "--allow-existing", str(part)])
    python = str(part / "bin" / "python")
    _run([*uv, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", str(_REQUIREMENTS)])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT)
