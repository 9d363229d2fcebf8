"""Holding the lab's pods to the CPU that their containers ask for and may use, which the lab itself does not."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tenantmesh.lab.links import run
from tests.mesh.driving import Body, Mesh

GROUPS = Path("/sys/fs/cgroup/cpu")
"""Where the machine keeps its control groups."""
PARENT = GROUPS / "tenantmesh-bench"
"""Holds those made here, with the weight that kubelets give to all pods together: a machine's cores."""
_PERIOD = 100_000
"""Microseconds of which a container may use its share, as kubelets have it."""
_PROXY, _PROXY_PROGRAMS = "istio-proxy", ("agent", "envoy")
_THOUSANDTHS, _SHARES = 1000, 1024


def can_be_held() -> bool:
    """Whether this machine has control groups of the kind that is written here (version 1, as root)."""
    return (GROUPS / "cpu.cfs_quota_us").exists()


@contextmanager
def held(mesh: Mesh, pods: Sequence[Body]) -> Generator[None]:
    """Each container of these pods in a control group with its request as a weight and its limit as a quota."""
    groups = [PARENT]
    try:
        PARENT.mkdir(exist_ok=True)
        (PARENT / "cpu.shares").write_text(str((os.cpu_count() or 1) * _SHARES))
        for pod in pods:
            for container in _lasting(pod["spec"]):
                group = PARENT / f"{pod['metadata']['uid']}-{container['name']}"
                group.mkdir(exist_ok=True)
                groups.append(group)
                _hold(group, container["resources"], _processes(mesh, pod, container["name"]))
        yield
    finally:
        for group in reversed(groups):
            for pid in (group / "cgroup.procs").read_text().split():
                with suppress(OSError):
                    (GROUPS / "cgroup.procs").write_text(pid)
            group.rmdir()


def _lasting(spec: Body) -> list[Body]:
    sidecars = [one for one in spec.get("initContainers", []) if one.get("restartPolicy") == "Always"]
    return [*sidecars, *spec["containers"]]


def _hold(group: Path, resources: Any, processes: Sequence[str]) -> None:
    asked, most = (_thousandths(resources[name]["cpu"]) for name in ("requests", "limits"))
    (group / "cpu.shares").write_text(str(max(2, asked * _SHARES // _THOUSANDTHS)))
    (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
    (group / "cpu.cfs_quota_us").write_text(str(most * _PERIOD // _THOUSANDTHS))
    for pid in processes:
        (group / "cgroup.procs").write_text(pid)


def _thousandths(text: str) -> int:
    return int(text[:-1]) if text.endswith("m") else int(float(text) * _THOUSANDTHS)


def _processes(mesh: Mesh, pod: Body, container: str) -> list[str]:
    pids = run("ip", "netns", "pids", mesh.lab.namespace(pod)).split()
    return [pid for pid in pids if (_program(pid) in _PROXY_PROGRAMS) == (container == _PROXY)]


def _program(pid: str) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()
