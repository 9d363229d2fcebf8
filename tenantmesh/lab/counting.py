"""Building Envoy's rate limit service, which counts requests for all replicas of a gateway, once per version."""

import shutil
from pathlib import Path

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.source import find_go, read_source

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "_ratelimit", _PACKAGE.parents[1] / "tools" / "ratelimit")
_MODULE = "github.com/envoyproxy/ratelimit"
PROGRAM = "ratelimit"
"""The program's file name, and the last part of its image's."""


def build_rate_limit_service(cache: Path, on_progress: OnProgress) -> Path:
    """The program, built on first use (half a minute). Raises ClusterError with what Go complains of."""
    source = read_source(_PLACES, _MODULE)
    folder = cache / "ratelimit" / f"{source.version}-{source.digest(find_go(source))}"

    def build(part: Path) -> None:
        on_progress(Step(text=f"building Envoy's rate limit service {source.version} (once)"))
        run_go(["build", "-trimpath", "-ldflags", "-s -w", "-o", str(part / PROGRAM), "."], source.folder)
        (part / PROGRAM).chmod(0o755)

    folder.parent.mkdir(parents=True, exist_ok=True)
    cached(folder, build, on_progress)
    return folder / PROGRAM


def counting_images(programs: Path) -> dict[str, tuple[str, ...]]:
    """The command that plays its image; nothing while it is not in `programs`, or no redis is installed to count in.

    It finds its settings by a path from its own folder, for containers of the lab have no root of their own.
    """
    program = programs / PROGRAM
    there = program.is_file() and shutil.which("redis-server") is not None
    return {PROGRAM: ("env", "RUNTIME_ROOT=etc/ratelimit", str(program))} if there else {}
