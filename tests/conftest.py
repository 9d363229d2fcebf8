"""The one control plane and the one mesh lab of a test session: every test, in every worker, that asks shares them."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from tenantmesh import lab
from tenantmesh.cluster import Cluster, delete, up

FOLDER = "TENANTMESH_TEST_CLUSTER"
"""Names the cluster's folder. Set it to use a cluster that is there and keeps running, which saves its start."""

LAB = "TENANTMESH_TEST_LAB"
"""The same for the lab's folder; `tenantmesh lab down --folder` ends a lab that keeps running."""

_END = {FOLDER: delete, LAB: lab.down}

# Machines are shared: how long an example takes says nothing about what it is an example of.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_MESH = "tests/mesh"

_own = pytest.StashKey[list[str]]()


def pytest_configure(config):
    """Workers inherit the environment, so the session's first process decides for all of them."""
    config.stash[_own] = [name for name in _END if name not in os.environ]
    for name in config.stash[_own]:
        os.environ[name] = tempfile.mkdtemp(prefix="tenantmesh-tests-")


def pytest_collection_modifyitems(items):
    """What uses the one lab is the longest chain of tests, so it begins first."""
    items.sort(key=lambda item: not item.nodeid.startswith(f"{_MESH}/"))


class _Scheduling(LoadFileScheduling):
    """A file stays with one worker, and so do all files that use the one lab: none waits there for another's turn."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return _MESH if file.startswith(f"{_MESH}/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return _Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_unconfigure(config):
    for name in config.stash.get(_own, []):
        folder = Path(os.environ.pop(name))
        _END[name](folder)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """A running control plane with three nodes and all CRDs; `up` keeps the workers of a session apart."""
    return up(Path(os.environ[FOLDER]))
