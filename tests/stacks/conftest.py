"""A control plane for the stack tests alone, so that everything in it can be counted."""

import pytest

from tenantmesh.cluster import delete, up
from tests.stacks.stage import Stage


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory):
    """A fresh control plane; nobody else puts anything into it."""
    folder = tmp_path_factory.mktemp("cluster")
    yield up(folder)
    delete(folder)


@pytest.fixture(scope="module")
def api(own_cluster):
    """A client with all rights."""
    return own_cluster.api()


@pytest.fixture(scope="module")
def stage(own_cluster, tmp_path_factory):
    """The dev stack, not deployed yet."""
    return Stage.set(tmp_path_factory.mktemp("stage"), own_cluster.kubeconfig)
