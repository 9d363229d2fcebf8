"""A lab survives the death of its processes, and leaves nothing behind when it goes."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tenantmesh.cluster.processes import find
from tenantmesh.lab import Lab, Stack, down, missing, up
from tests.controlplane.conftest import eventually
from tests.lab.leftovers import leftovers

# The first lab on a machine builds its programs.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

PROGRAM = """\
import tenantmesh as tm

tm.Mesh("mesh", tm.MeshArgs(domain="example.com", control_plane=tm.ControlPlaneArgs(create_namespace=True)))
tm.Tenant("solo", tm.TenantArgs(ingress=tm.IngressArgs()))
"""

STARTING = """\
import pathlib, sys
from tenantmesh.lab import Stack, up
program, folder = map(pathlib.Path, sys.argv[1:])
up(Stack(program=program), folder, on_progress=lambda step: print(step.text, flush=True))
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A stack of one gateway."""
    if reason := missing():
        pytest.skip(reason)
    program = tmp_path_factory.mktemp("program")
    (program / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (program / "Pulumi.dev.yaml").write_text("config: {}\n")
    (program / "__main__.py").write_text(PROGRAM)
    return Stack(program=program)


@pytest.fixture
def folder():
    """A folder for a lab of one's own, which other users can reach."""
    made = Path(f"/tmp/tenantmesh-lifecycle-{os.getpid()}")  # noqa: S108 -- pytest's own folders are closed to others
    yield made
    down(made)
    shutil.rmtree(made, ignore_errors=True)


def test_a_lab_whose_kubelet_and_proxy_were_killed_is_made_anew_and_leaves_nothing(folder, small):
    lab = up(small, folder)
    killed = [one for one in find(folder) if one.component == "lab-kubelet" or "ingress" in one.component]
    assert len(killed) >= 3  # the kubelet, the gateway's agent and its Envoy
    for one in killed:
        os.kill(one.pid, signal.SIGKILL)
    eventually(lambda: not lab.runs())
    again = up(small, folder)
    assert again.are_ready("solo")
    again.api.request("DELETE", "/api/v1/namespaces/solo/pods").json()
    assert not again.are_ready("solo")  # Whatever its Deployment still says.
    again.wait("the new gateway", lambda: again.are_ready("solo"))
    assert not {one.pid for one in killed} & {one.pid for one in find(folder)}
    down(folder)
    assert leftovers(lab.layout) == []


def test_a_start_that_was_killed_half_way_leaves_nothing_after_down(folder, small):
    with subprocess.Popen(
        [sys.executable, "-c", STARTING, small.program, folder], stdout=subprocess.PIPE, text=True
    ) as starting:
        for line in starting.stdout:
            if line.startswith("starting istiod"):
                break
        starting.kill()
    assert leftovers(Lab.at(folder).layout) != []
    down(folder)
    assert leftovers(Lab.at(folder).layout) == []


def test_down_without_a_lab_is_fine(folder):
    down(folder)
    assert leftovers(Lab.at(folder).layout) == []
