"""Istio's own translation of security policies, built once from its Go module and asked about many cases at once."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import silent
from tenantmesh.cluster.source import Source, find_go

_SOURCE = Source(
    folder=Path(__file__).parents[3] / "tools" / "authz",
    version="v1.31",
    minimum_go="1.26.0",
)
# The tags with which Istio builds its own programs.
_TAGS = "vtprotobuf,disable_pgv"
_TIMEOUT = 600.0
"""Seconds for all cases of one call."""


class Asked(NamedTuple):
    """One workload of a mesh, and all policies of the mesh."""

    namespace: str
    labels: Mapping[str, str]
    policies: Sequence[Mapping[str, Any]]
    root_namespace: str = "istio-system"
    trust_domains: tuple[str, ...] = ("cluster.local",)


class Told(NamedTuple):
    """What the workload's proxy is told: its filters for HTTP and for other traffic, and its mutual TLS by port."""

    http: Sequence[Mapping[str, Any]]
    tcp: Sequence[Mapping[str, Any]]
    mode: str
    per_port: Mapping[int, str]


def build() -> Path:
    """The program, built on first use (some minutes); skips the test where there is no Go."""
    if shutil.which("go") is None:
        pytest.skip("Istio's translation is built with Go, and there is no go on PATH")
    folder = default_cache_folder() / "authz" / f"{_SOURCE.version}-{_SOURCE.digest(find_go(_SOURCE))}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    cached(folder, _build, silent)
    return folder / "authz"


def _build(part: Path) -> None:
    output = str(part / "authz")
    run_go(["build", "-tags", _TAGS, "-trimpath", "-ldflags", "-s -w", "-o", output, "."], _SOURCE.folder)


def ask(program: Path, cases: Iterable[Asked]) -> list[Told]:
    """What Istio makes of each case; an error is a failure, for the cases are made so that Istio takes them."""
    lines = "\n".join(json.dumps(_written(one)) for one in cases)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    return [_told(json.loads(line)) for line in done.stdout.splitlines()]


def _written(case: Asked) -> dict[str, Any]:
    return {
        "rootNamespace": case.root_namespace,
        "trustDomains": case.trust_domains,
        "namespace": case.namespace,
        "labels": case.labels,
        "policies": case.policies,
    }


def _told(answer: dict[str, Any]) -> Told:
    assert "error" not in answer, answer["error"]
    per_port = {int(port): mode for port, mode in answer["perPort"].items()}
    return Told(answer["http"], answer["tcp"], answer["mode"], per_port)
