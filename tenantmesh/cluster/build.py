"""Building the control plane once per version, into the user's cache."""

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from tenantmesh.cluster.locks import held
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.source import Source, find_go, go_environment
from tenantmesh.errors import ClusterError

BUILD_TIMEOUT = 3600.0
"""Seconds that one build may take, or that another process's build is waited for."""

PROGRAM = "controlplane"
_VERSION_VARIABLES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


def built_program(source: Source, cache: Path, on_progress: OnProgress) -> Path:
    """The control plane's program for these sources and this Go, built on first use.

    A cold build takes some minutes and about 3 GB of Go's build cache. Raises ClusterError with the end of what the
    compiler says.
    """
    folder = cache / "controlplane" / f"{source.version}-{source.digest(find_go(source))}"
    cached(folder, lambda part: _build(source, part / PROGRAM, on_progress), on_progress)
    return folder / PROGRAM


def cached(folder: Path, fill: Callable[[Path], None], on_progress: OnProgress) -> None:
    """Make `folder` once: `fill` a part beside it and move that into place, with all other processes kept waiting."""
    if folder.is_dir():
        return
    with held(folder.with_name(f"{folder.name}.lock"), timeout=BUILD_TIMEOUT, on_progress=on_progress):
        if folder.is_dir():
            return
        prefix = f".part-{folder.name}-"
        for left_behind in folder.parent.glob(f"{prefix}*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        part = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
        try:
            fill(part)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def run_go(arguments: Sequence[str], folder: Path) -> str:
    """What a `go` command prints; ClusterError with the end of its complaint when it fails."""
    answer = subprocess.run(
        ["go", *arguments],  # noqa: S607 -- the user's own PATH decides which Go is used
        cwd=folder,
        env=go_environment(),
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT,
    )
    if answer.returncode != 0:
        raise ClusterError(f"go {arguments[0]} failed in {folder}: {_tail(answer.stderr.splitlines())}")
    return answer.stdout


def _build(source: Source, target: Path, on_progress: OnProgress) -> None:
    on_progress(Step(text=f"building the control plane {source.version} (some minutes, once)"))
    total = len(run_go(["list", "-deps", "."], source.folder).splitlines())
    command = ["go", "build", "-v", "-trimpath", "-ldflags", _linker_flags(source.version), "-o", str(target), "."]
    compiler = subprocess.Popen(
        command,
        cwd=source.folder,
        env=go_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(BUILD_TIMEOUT, compiler.kill)
    watchdog.start()
    with compiler:
        lines = _follow(compiler, total, on_progress)
    watchdog.cancel()
    if compiler.returncode != 0:
        raise ClusterError(f"building the control plane failed: {_tail(lines)}")


def _follow(compiler: "subprocess.Popen[str]", total: int, on_progress: OnProgress) -> list[str]:
    """Tell each package that the compiler starts; the lines are kept, because its errors are among them."""
    lines: list[str] = []
    for line in compiler.stderr or ():
        lines.append(line.rstrip())
        on_progress(Step(text=f"compiling {lines[-1]}", done=len(lines), total=total))
    return lines


def _linker_flags(version: str) -> str:
    """Upstream's own build stamps its version in this way; without it the API server calls itself v0.0.0."""
    major, minor, _ = version.removeprefix("v").split(".", 2)
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    stamps = (f"-X {package}.{name}={value}" for package in _VERSION_VARIABLES for name, value in values.items())
    return " ".join(("-s", "-w", *stamps))


def _tail(lines: Sequence[str]) -> str:
    return "\n".join(lines[-20:]) or "it said nothing"
