"""The third oracle: Cilium's own policy engine, built once from its Go module."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import silent
from tenantmesh.cluster.source import Source, find_go
from tests.oracles.sample import Sample

_SOURCE = Source(
    folder=Path(__file__).parents[2] / "tools" / "ciliumpolicy",
    version="v1.20.2",
    minimum_go="1.26.0",
)
_TIMEOUT = 600.0
"""Seconds for all clusters of one call."""
POLICIES = ("NetworkPolicy", "ClusterNetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")


def build() -> Path:
    """The program, built on first use (some minutes); skips the test where there is no Go."""
    if shutil.which("go") is None:
        pytest.skip("Cilium's engine is built with Go, and there is no go on PATH")
    folder = default_cache_folder() / "ciliumpolicy" / f"{_SOURCE.version}-{_SOURCE.digest(find_go(_SOURCE))}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    cached(folder, _build, silent)
    return folder / "ciliumpolicy"


def _build(part: Path) -> None:
    run_go(["build", "-trimpath", "-ldflags", "-s -w", "-o", str(part / "ciliumpolicy"), "."], _SOURCE.folder)


def ask(program: Path, samples: Iterable[Sample]) -> list[str]:
    """Cilium's table for each cluster, in the order of `Sample.questions`."""
    lines = "\n".join(json.dumps(_asked(one)) for one in samples)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    return [_table(json.loads(line)) for line in done.stdout.splitlines()]


def _asked(sample: Sample) -> dict[str, Any]:
    return {
        "namespaces": sample.namespaces,
        "ends": [end._asdict() for end in sample.ends],
        "ports": [port._asdict() for port in sample.ports],
        "policies": [one for kind in POLICIES for one in sample.of_kind(kind)],
    }


def _table(answer: dict[str, str]) -> str:
    assert "error" not in answer, answer["error"]
    return answer["table"]
