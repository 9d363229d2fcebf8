"""The one control plane of a test session: every test, in every worker, that asks for `cluster` shares it."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tenantmesh.cluster import Cluster, delete, up

FOLDER = "TENANTMESH_TEST_CLUSTER"
"""Names the cluster's folder. Set it to use a cluster that is there and keeps running, which saves its start."""

_own = pytest.StashKey[str]()


def pytest_configure(config):
    """Workers inherit the environment, so the session's first process decides for all of them."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = config.stash[_own] = tempfile.mkdtemp(prefix="tenantmesh-tests-")


def pytest_unconfigure(config):
    folder = config.stash.get(_own, None)
    if folder is not None:
        del os.environ[FOLDER]
        delete(Path(folder))
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """A running control plane with three nodes and all CRDs; `up` keeps the workers of a session apart."""
    return up(Path(os.environ[FOLDER]))
