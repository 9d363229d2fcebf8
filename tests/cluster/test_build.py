"""What is built is built once, appears whole or not at all, and a failure leaves nothing behind."""

import threading

import pytest

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.progress import silent
from tenantmesh.errors import ClusterError


def test_a_folder_is_filled_once(tmp_path):
    fills = []
    for _ in range(2):
        cached(tmp_path / "a" / "b", lambda part: fills.append(part), silent)
    assert len(fills) == 1
    assert (tmp_path / "a" / "b").is_dir()


def test_two_at_once_fill_once(tmp_path):
    fills, started = [], threading.Barrier(4)

    def fill(part):
        fills.append(part)
        (part / "file").write_text("whole")

    def run():
        started.wait()
        cached(tmp_path / "b", fill, silent)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fills) == 1
    assert (tmp_path / "b" / "file").read_text() == "whole"


def test_a_failed_fill_leaves_nothing_and_is_tried_again(tmp_path):
    def fail(part):
        (part / "half").write_text("half")
        raise ClusterError("no")

    with pytest.raises(ClusterError):
        cached(tmp_path / "b", fail, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["b.lock"]
    cached(tmp_path / "b", lambda part: (part / "file").touch(), silent)
    assert (tmp_path / "b" / "file").exists()


def test_what_a_killed_build_left_behind_is_removed(tmp_path):
    left, other = tmp_path / ".part-b-old", tmp_path / ".part-c-running"
    left.mkdir()
    other.mkdir()
    cached(tmp_path / "b", lambda part: (part / "file").touch(), silent)
    assert not left.exists()
    assert other.exists()


def test_what_go_complains_of_is_in_the_error(tmp_path):
    with pytest.raises(ClusterError, match=r"(?s)go list failed.*go\.mod"):
        run_go(["list", "."], tmp_path)
