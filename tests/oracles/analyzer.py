"""The second oracle: network-config-analyzer, in a virtual environment of its own, driven in one process."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tenantmesh.cluster.build import cached
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import silent
from tests.oracles.sample import Object, Sample

_HERE = Path(__file__).parent
_REQUIREMENTS = _HERE / "analyzer-requirements.txt"
_DRIVER = _HERE / "analyzer_driver.py"
_TIMEOUT = 600.0
"""Seconds for the installation, and for all clusters of one call."""

_WITHOUT_SECTION = 'A NetworkPolicy with {0} field but no "{1}" in its policyTypes'
REFUSALS = {
    "spec must have podSelector entry": "the field became optional; absent is the empty selector",
    _WITHOUT_SECTION.format("ingress", "Ingress"): "the API server stores such a policy, and the section has no effect",
    _WITHOUT_SECTION.format("egress", "Egress"): "the API server stores such a policy, and the section has no effect",
}
"""What it refuses though the API server takes it, and why that is right: nothing is compared on such a cluster."""


def install() -> Path:
    """The interpreter that has it, installed on first use; skips the test where the registry can't be reached."""
    digest = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = default_cache_folder() / "network-config-analyzer" / digest
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        cached(folder, _install, silent)
    except subprocess.CalledProcessError as failure:
        pytest.skip(f"network-config-analyzer could not be installed: {failure.stderr.strip().splitlines()[-1]}")
    return folder / "bin" / "python"


def _install(part: Path) -> None:
    """Nothing in the environment is started by its own name, so it may be moved to where it stays."""
    uv = [sys.executable, "-m", "uv"]
    _run([*uv, "venv", "--quiet", "--python", sys.executable, "--allow-existing", str(part)])
    python = str(part / "bin" / "python")
    _run([*uv, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", str(_REQUIREMENTS)])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT)


def ask(python: Path, samples: Iterable[Sample]) -> list[str | None]:
    """Its table for each cluster, in the order of `Sample.questions`; None for one that it refuses, see `REFUSALS`."""
    lines = "\n".join(json.dumps(_asked(one)) for one in samples)
    done = subprocess.run([python, _DRIVER], input=lines, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    return [_table(json.loads(line)) for line in done.stdout.splitlines()]


def _asked(sample: Sample) -> dict[str, Any]:
    return {
        "objects": [_accepted(one) for one in sample.objects],
        "ends": [end._asdict() for end in sample.ends],
        "ports": [port._asdict() for port in sample.ports],
    }


def _accepted(one: Object) -> Object:
    """The same object with `policyTypes` in the one order that the analyzer accepts; their order means nothing."""
    types = one.get("spec", {}).get("policyTypes")
    if not types:
        return one
    return {**one, "spec": {**one["spec"], "policyTypes": sorted(types, key=["Ingress", "Egress"].index)}}


def _table(answer: dict[str, str]) -> str | None:
    refusal = answer.get("refusal")
    assert refusal is None or refusal in REFUSALS, refusal
    return answer.get("table")
