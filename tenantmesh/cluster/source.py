"""The Go sources of the control plane: where they are, what they pin, and whether the Go here can build them."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from tenantmesh.errors import ClusterError

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "_controlplane", _PACKAGE.parents[1] / "tools" / "controlplane")


class Source(Struct, frozen=True, kw_only=True):
    """The folder of the Go module and what its go.mod says."""

    folder: Path
    version: str
    """Kubernetes' version, as `v1.36.3`."""
    minimum_go: str

    @property
    def crds(self) -> Path:
        """The module that pins the projects whose CRDs are installed."""
        return self.folder / "crds"

    def digest(self, *parts: str) -> str:
        """A short hash over every source file and `parts`: another hash means that it has to be built again."""
        sums = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.suffix in {".go", ".mod", ".sum"}:
                sums.update(path.relative_to(self.folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        for part in parts:
            sums.update(part.encode() + b"\0")
        return sums.hexdigest()[:16]


def find_source(places: Sequence[Path] = _PLACES) -> Source:
    """The control plane's sources: those shipped in the wheel, else the repository's; ClusterError without either."""
    return read_source(places, "k8s.io/kubernetes")


def read_source(places: Sequence[Path], module: str) -> Source:
    """The Go sources in the first of `places` that has some, in the version of `module` that they require."""
    for folder in places:
        if (folder / "go.mod").is_file():
            text = (folder / "go.mod").read_text()
            return Source(folder=folder, version=_pinned(text, module), minimum_go=_directive(text))
    raise ClusterError(f"the Go sources are missing: reinstall tenantmesh (looked in {places[0]})")


def find_go(source: Source) -> str:
    """The version of the Go that builds `source`, as `go1.26.8`.

    Go itself fetches a newer toolchain where GOTOOLCHAIN lets it. Raises ClusterError where there is no Go or it is too
    old.
    """
    if shutil.which("go") is None:
        raise ClusterError(
            f"the control plane is built with Go {source.minimum_go} or newer, and there is no go on PATH: install it "
            "(https://go.dev/dl), or set KUBEBUILDER_ASSETS to a folder that holds the programs"
        )
    answer = subprocess.run(
        ["go", "env", "GOVERSION"],  # noqa: S607 -- the user's own PATH decides which Go is used
        cwd=source.folder,
        env=go_environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    version = answer.stdout.strip()
    if answer.returncode != 0 or _numbers(version) < _numbers(source.minimum_go):
        reason = answer.stderr.strip() or f"{version} is older"
        raise ClusterError(f"the control plane needs Go {source.minimum_go} or newer: install it ({reason})")
    return version


def go_environment() -> dict[str, str]:
    """The caller's environment for Go, without a workspace or flags that were meant for another module."""
    kept = {name: value for name, value in os.environ.items() if name not in {"GOFLAGS", "GOOS", "GOARCH"}}
    return kept | {"GOWORK": "off", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}


def _pinned(go_mod: str, module: str) -> str:
    found = re.search(rf"^(?:require)?\s*{re.escape(module)} (v\S+)", go_mod, re.MULTILINE)
    if found is None:
        raise ClusterError(f"go.mod does not require {module}: reinstall tenantmesh")
    return found[1]


def _directive(go_mod: str) -> str:
    found = re.search(r"^go (\S+)", go_mod, re.MULTILINE)
    return found[1] if found else "1.0"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
