"""The lab of each worker that runs files of this folder, one after the other, and what holds for each test."""

import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from tenantmesh.cluster.locks import held
from tenantmesh.cluster.progress import silent
from tenantmesh.lab import Lab, Stack, missing, up
from tests.conftest import LAB
from tests.mesh.driving import Mesh
from tests.mesh.strangers import signed

ROOT = Path(__file__).parents[2]
PATIENCE = 3600.0
"""Seconds in which another worker's file has to be through, where both use a lab that was named."""
_BEGAN = "process_start_time_seconds"
_URGENCY = -5
"""These tests come before what other workers run: they are the longest chains, and many look at clocks."""


def pytest_configure(config):
    config.addinivalue_line("markers", "mesh: needs the mesh lab (built and started by the fixture)")
    config.addinivalue_line("markers", "rejects: makes proxies reject a configuration on purpose")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.mesh)
            # Waiting for the other worker's file counts as a part of the first test.
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def lab() -> Lab:
    """A running lab with the dev stack: the worker's own, or the one that was named."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, _URGENCY)
    return up(Stack(program=ROOT), Path(os.environ[LAB]))


@pytest.fixture(scope="module")
def turn():
    """The files of this folder change and load their lab: one file at a time, whatever worker runs it."""
    with held(Path(os.environ[LAB]) / "turn", timeout=PATIENCE, on_progress=silent):
        yield


@pytest.fixture(scope="session")
def refresh():
    """Deploys the stack as it is now once in each worker, for a lab that runs may have an older one."""
    return cache(lambda lab: lab.deploy(Stack(program=ROOT)))


@pytest.fixture(scope="module")
def mesh(turn, lab, refresh) -> Mesh:  # noqa: ARG001 -- held as long as the lab is used
    """The lab, with what tests do with it."""
    refresh(lab)
    with tempfile.TemporaryDirectory(prefix="tenantmesh-clients-") as folder:
        found = Mesh(lab=lab, folder=Path(folder))
        found.settle()
        yield found


@pytest.fixture
def stranger(mesh, tmp_path):
    """Makes a client certificate of tenant1's own authority for any name."""
    return lambda name: signed(mesh.lab, tmp_path, "tenant1", name, mesh.credential("tenant1").ca)


@pytest.fixture(autouse=True)
def nothing_rejected(request, mesh):
    """No proxy may reject what istiod sends, in any test but those that provoke it."""
    began, before = mesh.metric(_BEGAN), mesh.rejects()
    yield
    if request.node.get_closest_marker("rejects") is None:
        # An istiod that was started anew counts from nothing.
        assert mesh.rejects() == (before if mesh.metric(_BEGAN) == began else 0)
