"""What a test session starts: one control plane, which all workers share, and a mesh lab for each that asks."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from tenantmesh import lab
from tenantmesh.cluster import Cluster, delete, up
from tenantmesh.lab.layout import shared_folder

FOLDER = "TENANTMESH_TEST_CLUSTER"
"""Names the cluster's folder. Set it to use a cluster that is there and keeps running, which saves its start."""

LAB = "TENANTMESH_TEST_LAB"
"""The same for the lab's folder; `tenantmesh lab down --folder` ends a lab that keeps running."""

_LABS = "TENANTMESH_TEST_LABS"
"""The session's own folder for labs, where no lab is named: each worker has one in it."""

# Machines are shared: how long an example takes says nothing about what it is an example of.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_MESH = "tests/mesh/"
_SECOND_HALF = f"{_MESH}test_q"
"""Where the files of the mesh are parted: what comes before takes about as long as what comes after."""

_own = pytest.StashKey[list[str]]()


def pytest_configure(config):
    """Workers inherit the environment, so the session's first process decides for all of them."""
    # Servers that tests start may take more memory to save time: docs/decisions/local-control-plane.md.
    os.environ.setdefault("GOGC", "400")
    own = [name for name, named in {FOLDER: FOLDER, _LABS: LAB}.items() if not {name, named} & {*os.environ}]
    for name in own:
        os.environ[name] = tempfile.mkdtemp(prefix="tenantmesh-tests-")
    config.stash[_own] = own
    if _LABS in own:
        shared_folder(Path(os.environ[_LABS]))
    if _LABS in os.environ:
        worker = getattr(config, "workerinput", {"workerid": "only"})["workerid"]
        os.environ[LAB] = str(Path(os.environ[_LABS]) / worker)


def pytest_collection_modifyitems(items):
    """The longest begin first, so that none is left for the end: what uses the labs, then files with slow tests."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (not item.nodeid.startswith(_MESH), item.path not in slow))


class _Scheduling(LoadFileScheduling):
    """A file stays with one worker, and so does each half of those that use a lab: two labs are started, not four."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return f"{_MESH} {file < _SECOND_HALF}" if file.startswith(_MESH) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return _Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_unconfigure(config):
    """The labs first: each has a control plane of its own, and nothing of the shared one."""
    for name in config.stash.get(_own, []):
        folder = Path(os.environ.pop(name))
        if name == FOLDER:
            delete(folder)
        else:
            os.environ.pop(LAB)
            for one in folder.iterdir():
                lab.down(one)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """A running control plane with three nodes and all CRDs; `up` keeps the workers of a session apart."""
    return up(Path(os.environ[FOLDER]))
