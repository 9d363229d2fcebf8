"""Builds and installs what tests run and compare with, some minutes once for a machine: `python -m tests.building`.

The first test that asks for one would do it too, but then the minutes would count as that test's own, and be too many.
"""

import subprocess
import time
from collections.abc import Callable, Mapping

import pytest

from benchmarks.helm import find_helm
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import Step
from tenantmesh.cluster.tools import find_tools
from tenantmesh.errors import TenantmeshError
from tenantmesh.lab.counting import build_rate_limit_service
from tenantmesh.lab.oracle import build_oracle
from tenantmesh.lab.programs import built_programs
from tests.chromium import find_chromium
from tests.graph import translation
from tests.mesh.tracing import build_collector
from tests.oracles import analyzer, cilium
from tests.policypack import environment

_WORTH_TELLING = 1.0
"""Seconds; what takes less was there."""


def _tell(step: Step) -> None:
    if not step.total:
        print(step.text, flush=True)


def _cached(build: Callable[..., object]) -> Callable[[], object]:
    return lambda: build(default_cache_folder(), _tell)


_ALL: Mapping[str, Callable[[], object]] = {
    "the control plane": _cached(find_tools),
    "the mesh": _cached(built_programs),
    "the rate limit service": _cached(build_rate_limit_service),
    "the collector of spans": build_collector,
    "cyclonus": _cached(build_oracle),
    "Cilium's policy engine": cilium.build,
    "Istio's translation": translation.build,
    "helm": find_helm,
    "network-config-analyzer": analyzer.install,
    "the policy pack's environment": environment.install,
    "chromium": find_chromium,
}


def main() -> None:
    """Have all of it there; what can't be had is told, and left to the tests that need it, which skip or fail."""
    for name, build in _ALL.items():
        began = time.monotonic()
        try:
            build()
        except (pytest.skip.Exception, TenantmeshError, subprocess.SubprocessError) as reason:
            print(f"{name}: {reason}", flush=True)
        seconds = time.monotonic() - began
        if seconds > _WORTH_TELLING:
            print(f"{name} took {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
