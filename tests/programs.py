"""Programs that ours is compared with: made once for a machine, and asked many questions in one process."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import OnProgress, Step, silent
from tenantmesh.cluster.source import Source, find_go

_TOOLS = Path(__file__).parents[1] / "tools"
_MINIMUM_GO = "1.26.0"
_TIMEOUT = 600.0
"""Seconds for an installation, and for all questions of one call."""


def go_program(name: str, version: str, *flags: str) -> Path:
    """The program of the Go module `tools/<name>`, as `built_program` gives it; skips the test where there is no Go."""
    if shutil.which("go") is None:
        pytest.skip(f"{name} is built with Go, and there is no go on PATH")
    return built_program(name, version, flags)


def built_program(
    name: str, version: str = "", flags: Sequence[str] = (), *, package: str = ".", on_progress: OnProgress = silent
) -> Path:
    """The program of `package` in the Go module `tools/<name>`, built on first use (some minutes) for `version`."""
    source = Source(folder=_TOOLS / name, version=version, minimum_go=_MINIMUM_GO)
    digest = source.digest(find_go(source))

    def build(part: Path) -> None:
        on_progress(Step(text=f"building {name} (some minutes, once)"))
        output = str(part / name)
        run_go(["build", *flags, "-trimpath", "-ldflags", "-s -w", "-o", output, package], source.folder)

    return _place(name, f"{version}-{digest}" if version else digest, build, on_progress) / name


def python_environment(name: str, requirements: Path) -> Path:
    """The interpreter of an environment of its own, installed on first use; skips the test where that can't be done."""
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    try:
        folder = _place(name, digest, lambda part: _install(part, requirements), silent)
    except subprocess.CalledProcessError as failure:
        pytest.skip(f"{name} could not be installed: {failure.stderr.strip().splitlines()[-1]}")
    return folder / "bin" / "python"


def answers(command: Sequence[str | Path], questions: Iterable[object]) -> list[dict[str, Any]]:
    """What a program that reads and writes lines of JSON says of each question; an error in one is a failure."""
    lines = "\n".join(json.dumps(one) for one in questions)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for one in found:
        assert "error" not in one, one["error"]
    return found


def _place(name: str, key: str, fill: Callable[[Path], None], on_progress: OnProgress) -> Path:
    folder = default_cache_folder() / name / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    cached(folder, fill, on_progress)
    return folder


def _install(part: Path, requirements: Path) -> None:
    """Nothing in the environment is started by its own name, so it may be moved to where it stays."""
    uv = [sys.executable, "-m", "uv"]
    _run([*uv, "venv", "--quiet", "--python", sys.executable, "--allow-existing", str(part)])
    python = str(part / "bin" / "python")
    _run([*uv, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", str(requirements)])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT)
