"""The first oracle: cyclonus, built once from its Go module, asked about thousands of clusters in one process."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import silent
from tenantmesh.cluster.source import Source, find_go
from tests.oracles.sample import Sample

_SOURCE = Source(
    folder=Path(__file__).parents[2] / "tools" / "cyclonus",
    version="v0.5.6",
    minimum_go="1.26.0",
)
_TIMEOUT = 600.0
"""Seconds for all clusters of one call."""


class Tables(NamedTuple):
    """Answers in the order of `Sample.questions`: "1" is allowed; with labels matched by cyclonus and by Kubernetes."""

    own_labels: str
    kubernetes_labels: str


def build() -> Path:
    """The program, built on first use (a minute or two); skips the test where there is no Go."""
    if shutil.which("go") is None:
        pytest.skip("cyclonus is built with Go, and there is no go on PATH")
    folder = default_cache_folder() / "cyclonus" / f"{_SOURCE.version}-{_SOURCE.digest(find_go(_SOURCE))}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    cached(folder, _build, silent)
    return folder / "cyclonus"


def _build(part: Path) -> None:
    run_go(["build", "-trimpath", "-ldflags", "-s -w", "-o", str(part / "cyclonus"), "."], _SOURCE.folder)


def ask(program: Path, samples: Iterable[Sample]) -> list[Tables]:
    """What cyclonus says of each cluster; an error is a failure, for it takes all that the generator makes."""
    lines = "\n".join(json.dumps(_asked(one)) for one in samples)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    return [_tables(json.loads(line)) for line in done.stdout.splitlines()]


def _asked(sample: Sample) -> dict[str, Any]:
    return {
        "namespaces": sample.namespaces,
        "ends": [end._asdict() for end in sample.ends],
        "ports": _plain(sample.ports),
        "policies": sample.policies,
    }


def _plain(ports: Sequence[Any]) -> list[dict[str, Any]]:
    return [port._asdict() for port in ports]


def _tables(answer: dict[str, str]) -> Tables:
    assert "error" not in answer, answer["error"]
    return Tables(answer["ownLabels"], answer["kubernetesLabels"])
