"""Every wait ends, and one in vain shows the end of the log."""

import os

import pytest

from tenantmesh.cluster.processes import Process, start, stop
from tenantmesh.cluster.readiness import Wait, wait_for
from tenantmesh.errors import ClusterError


@pytest.fixture
def sleeper(tmp_path):
    process = start("etcd", ("/bin/sh", "-c", "seq 100; exec sleep 60"), tmp_path, tmp_path / "etcd.log")
    yield process
    stop(process, tmp_path, grace=1)


def waiting(process, tmp_path, holds):
    return Wait(what="the answer", holds=holds, process=process, log=tmp_path / "etcd.log")


def test_waiting_ends_when_it_holds(sleeper, tmp_path):
    answers = iter([False, False, True])
    wait_for(waiting(sleeper, tmp_path, lambda: next(answers)), tmp_path, timeout=10)
    assert list(answers) == []


def test_a_refused_request_is_a_reason_to_look_again(sleeper, tmp_path):
    looks = []

    def holds():
        looks.append(1)
        if len(looks) < 3:
            raise ClusterError("no answer")
        return True

    wait_for(waiting(sleeper, tmp_path, holds), tmp_path, timeout=10)
    assert len(looks) == 3


def test_a_wait_in_vain_shows_the_last_lines_of_the_log(sleeper, tmp_path):
    with pytest.raises(ClusterError, match=r"the answer did not come within 0\.2 s") as caught:
        wait_for(waiting(sleeper, tmp_path, lambda: False), tmp_path, timeout=0.2)
    lines = str(caught.value).splitlines()
    assert (lines[1], lines[-1]) == ("86", "100")


def test_a_process_that_ended_is_not_waited_for(tmp_path):
    process = start("etcd", ("/bin/sh", "-c", "echo bad flag; exit 1"), tmp_path, tmp_path / "etcd.log")
    os.waitpid(process.pid, 0)
    with pytest.raises(ClusterError, match=r"(?s)etcd ended while starting.*bad flag"):
        wait_for(waiting(process, tmp_path, lambda: False), tmp_path, timeout=60)


def test_a_missing_log_is_no_second_error(tmp_path):
    gone = Process(pid=2**22 + 1, component="etcd", command=())
    with pytest.raises(ClusterError, match="no log"):
        wait_for(waiting(gone, tmp_path, lambda: False), tmp_path, timeout=1)
