"""Asking cyclonus, which knows NetworkPolicies independently of tenantmesh, which traffic they allow."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.source import find_go, read_source
from tenantmesh.errors import LabError

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "_cyclonus", _PACKAGE.parents[1] / "tools" / "cyclonus")
_MODULE = "github.com/mattfenwick/cyclonus"
PROGRAM = "cyclonus"
"""The program's file name."""

_TIMEOUT = 600.0
"""Seconds for all clusters of one call."""


class Tables(NamedTuple):
    """A character for each question, "1" for allowed, in the order source, destination, port."""

    own_labels: str
    """With labels matched by cyclonus itself."""
    kubernetes_labels: str
    """With labels matched by Kubernetes' own code, which decides where the two differ."""


def build_oracle(cache: Path, on_progress: OnProgress) -> Path:
    """The program, built on first use (some minutes). Raises ClusterError with what Go complains of."""
    source = read_source(_PLACES, _MODULE)
    folder = cache / "cyclonus" / f"{source.version}-{source.digest(find_go(source))}"

    def build(part: Path) -> None:
        on_progress(Step(text=f"building cyclonus {source.version} (some minutes, once)"))
        run_go(["build", "-trimpath", "-ldflags", "-s -w", "-o", str(part / PROGRAM), "."], source.folder)

    folder.parent.mkdir(parents=True, exist_ok=True)
    cached(folder, build, on_progress)
    return folder / PROGRAM


def ask_oracle(program: Path, clusters: Iterable[dict[str, Any]]) -> list[Tables]:
    """What it says of each cluster: `namespaces` with their labels, `ends`, `ports` and `policies`.

    Raises LabError with its own words for a cluster that it does not take.
    """
    lines = "\n".join(json.dumps(one) for one in clusters)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    if done.returncode != 0:
        raise LabError(f"cyclonus failed: {done.stderr.strip()}")
    return [_tables(json.loads(line)) for line in done.stdout.splitlines()]


def _tables(answer: dict[str, str]) -> Tables:
    if "error" in answer:
        raise LabError(f"cyclonus does not take a policy: {answer['error']}")
    return Tables(answer.get("ownLabels", ""), answer.get("kubernetesLabels", ""))
