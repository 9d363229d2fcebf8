"""A cluster starts, heals, stops and disappears without touching anything that is not its own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tenantmesh.cluster import Cluster, State, delete, down, status, up
from tenantmesh.cluster.processes import find
from tenantmesh.errors import ClusterError

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]

START = """
import sys, pathlib
from tenantmesh.cluster import up
up(pathlib.Path(sys.argv[1]), nodes=1, on_progress=lambda step: print(step.text, flush=True))
"""
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A cluster for this module alone, because its tests break it."""
    folder = tmp_path_factory.mktemp("lifecycle") / "cluster"
    yield folder
    delete(folder)


@pytest.fixture
def running(folder) -> Cluster:
    return up(folder, nodes=1)


def keep(cluster: Cluster, name: str) -> None:
    cluster.api().apply(f"{MAPS}/{name}", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_running_cluster_says_so(running):
    seen = status(running.folder)
    assert seen.state is State.RUNNING
    assert seen.version is not None
    assert running.api().get("/version")["gitVersion"] == seen.version
    assert (seen.server, seen.kubeconfig, seen.nodes) == (running.server, running.kubeconfig, 1)
    assert sorted(seen.pids) == ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"]


def test_up_again_changes_nothing(running):
    before = status(running.folder)
    kubeconfig = running.kubeconfig.read_bytes()
    up(running.folder, nodes=1)
    assert status(running.folder) == before
    assert running.kubeconfig.read_bytes() == kubeconfig


def test_up_with_another_count_of_nodes_changes_only_the_nodes(running):
    pids = status(running.folder).pids
    up(running.folder, nodes=3)
    assert (status(running.folder).nodes, status(running.folder).pids) == (3, pids)
    up(running.folder, nodes=1)
    assert (status(running.folder).nodes, status(running.folder).pids) == (1, pids)


def test_down_and_up_keep_data_address_and_credentials(running):
    running.api().request("POST", MAPS, {"metadata": {"name": "kept"}, "data": {"a": "b"}}).json()
    kubeconfig = running.kubeconfig.read_bytes()
    down(running.folder)
    assert status(running.folder).state is State.STOPPED
    up(running.folder, nodes=1)
    assert running.api().get(f"{MAPS}/kept")["data"] == {"a": "b"}
    assert running.kubeconfig.read_bytes() == kubeconfig


@pytest.mark.parametrize("component", ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"])
def test_a_killed_component_is_seen_and_healed(running, component, eventually):
    keep(running, component)
    before = status(running.folder).pids
    os.kill(before[component], signal.SIGKILL)
    eventually(lambda: status(running.folder).missing == (component,))
    assert status(running.folder).state is State.DEGRADED
    up(running.folder, nodes=1)
    after = status(running.folder)
    assert after.state is State.RUNNING
    # An API server that lost its etcd is started anew too, because its reconnection takes long.
    anew = {"etcd", "kube-apiserver"} if component == "etcd" else {component}
    assert {name for name in before if before[name] != after.pids[name]} == anew
    assert running.api().get(f"{MAPS}/{component}")


def test_a_cluster_whose_store_does_not_answer_is_not_said_to_run(running, eventually):
    etcd = status(running.folder).pids["etcd"]
    os.kill(etcd, signal.SIGSTOP)
    try:
        seen = status(running.folder)
        assert (seen.state, seen.missing, seen.nodes) == (State.DEGRADED, (), 0)
    finally:
        os.kill(etcd, signal.SIGCONT)
    eventually(lambda: status(running.folder).state is State.RUNNING)


def test_everything_killed_at_once_is_healed(running):
    """Right after it, too, while the killed are still on their way out."""
    keep(running, "all")
    for pid in status(running.folder).pids.values():
        os.kill(pid, signal.SIGKILL)
    up(running.folder, nodes=1)
    assert running.api().get(f"{MAPS}/all")


def test_an_etcd_that_was_ended_in_its_first_moments_does_not_keep_the_next_from_starting(folder):
    """What it has written by then is no data of anybody's, and may be too little for another to begin with."""
    delete(folder)
    starter = subprocess.Popen([sys.executable, "-c", START, str(folder)], stdout=subprocess.PIPE, text=True)
    with starter:
        assert any(line.startswith("starting etcd") for line in starter.stdout)
        starter.kill()
    assert (folder / "etcd.new").exists()
    down(folder)
    logs = folder / "etcd" / "member" / "wal"
    logs.mkdir(parents=True, exist_ok=True)
    for log in [*logs.glob("*.wal")] or [logs / "0000000000000000-0000000000000000.wal"]:
        log.write_bytes(b"half of what would have been written")
    up(folder, nodes=1)
    assert status(folder).state is State.RUNNING
    assert not (folder / "etcd.new").exists()


@pytest.mark.parametrize("step", ["starting etcd", "starting kube-apiserver", "installing the CRDs"])
def test_a_killed_up_is_taken_up_by_the_next_and_cleaned_up_by_down(folder, step):
    for finish in (lambda: up(folder, nodes=1), lambda: down(folder)):
        delete(folder)
        starter = subprocess.Popen([sys.executable, "-c", START, str(folder)], stdout=subprocess.PIPE, text=True)
        with starter:
            assert any(line.startswith(step) for line in starter.stdout)
            starter.kill()
        finish()
    assert find(folder) == ()
    up(folder, nodes=1)
    assert status(folder).state is State.RUNNING


def test_down_leaves_no_process_and_no_port_and_spares_strangers(running):
    """Another program whose folder merely begins with the same name is no component of this cluster."""
    pids, ports = status(running.folder).pids, running.record().ports
    assert all(listens(port) for port in ports.values())
    stranger = os.posix_spawn("/bin/sleep", ["sleep", "60"], {"TENANTMESH_CLUSTER": f"{running.folder}-2"})
    down(running.folder)
    try:
        assert find(running.folder) == ()
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids.values())
        assert not any(listens(port) for port in ports.values())
        assert os.waitpid(stranger, os.WNOHANG) == (0, 0)
    finally:
        os.kill(stranger, signal.SIGKILL)
        os.waitpid(stranger, 0)
    down(running.folder)


def test_a_port_that_was_taken_meanwhile_is_given_up(running):
    down(running.folder)
    port = running.record().ports["kube-apiserver"]
    with socket.create_server(("127.0.0.1", port)):
        up(running.folder, nodes=1)
        assert running.record().ports["kube-apiserver"] != port
        assert status(running.folder).state is State.RUNNING


def test_two_clusters_run_side_by_side(cluster, running):
    keep(running, "here")
    assert cluster.server != running.server
    assert cluster.api().request("GET", f"{MAPS}/here").status == 404
    down(running.folder)
    assert status(cluster.folder).state is State.RUNNING


def test_delete_removes_what_the_cluster_made_and_nothing_else(running):
    mine = running.folder / "mine.txt"
    mine.write_text("mine")
    delete(running.folder)
    assert status(running.folder).state is State.ABSENT
    assert {path.name for path in running.folder.iterdir()} == {"lock", "mine.txt"}
    with pytest.raises(ClusterError, match="tenantmesh cluster up"):
        _ = running.server


def test_a_component_that_fails_shows_the_end_of_its_log(folder):
    delete(folder)
    (folder / "etcd").mkdir(parents=True)
    (folder / "etcd" / "member").write_text("no folder")
    with pytest.raises(ClusterError, match=r"(?s)etcd ended while starting.*etcd\.log.*member"):
        up(folder, nodes=1)
    assert status(folder).state is State.STOPPED


def test_without_go_a_server_of_the_machine_runs_alone(cluster, folder, tmp_path, monkeypatch):
    """The programs here are the built one under upstream's names, as KUBEBUILDER_ASSETS would hold them."""
    program = find(cluster.folder)[0].command[0]
    for name in ("etcd", "kube-apiserver"):
        (tmp_path / name).symlink_to(program)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    delete(folder)
    alone = up(folder)
    seen = status(folder)
    assert (seen.state, sorted(seen.pids), seen.nodes) == (State.RUNNING, ["etcd", "kube-apiserver"], 0)
    assert alone.api().get("/version")["gitVersion"] == seen.version
