"""A folder is looked at without being changed."""

import pytest

import tenantmesh.cluster
from tenantmesh.cluster import Cluster, State, delete, down, status, up
from tenantmesh.errors import ClusterError


def test_a_folder_that_does_not_exist_has_no_cluster_and_is_not_made(tmp_path):
    folder = tmp_path / "none"
    seen = status(folder)
    assert (seen.state, seen.server, seen.kubeconfig, seen.pids) == (State.ABSENT, None, None, {})
    down(folder)
    delete(folder)
    assert not folder.exists()


def test_an_absent_cluster_has_no_address(tmp_path):
    with pytest.raises(ClusterError, match="start one with `tenantmesh cluster up`"):
        _ = Cluster.at(tmp_path).server


@pytest.mark.parametrize("nodes", [-1, 251])
def test_an_impossible_count_of_nodes_is_refused_before_anything_is_built(tmp_path, nodes):
    with pytest.raises(ClusterError, match="choose 0 to 250"):
        up(tmp_path / "none", nodes=nodes)
    assert not (tmp_path / "none").exists()


def test_the_public_names_are_pinned():
    names = ["DEFAULT_NODES", "Cluster", "KeyPair", "OnProgress", "State", "Status", "Step"]
    assert tenantmesh.cluster.__all__ == [*names, "delete", "down", "status", "up"]
