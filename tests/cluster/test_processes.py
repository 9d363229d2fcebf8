"""Processes are known by what they carry, so nothing else is ever ended, and nothing of ours is forgotten."""

import os
import signal
import time
from pathlib import Path

import pytest

from tenantmesh.cluster.processes import find, is_running, start, stop

SLEEP = ("/bin/sleep", "60")


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    for process in find(tmp_path):
        stop(process, tmp_path, grace=1)


def test_a_started_process_is_found_by_its_folder_alone(folder):
    process = start("etcd", SLEEP, folder, folder / "etcd.log")
    assert find(folder) == (process,)
    assert find(folder / "other") == ()
    assert is_running(process, folder)


def test_a_stopped_process_is_gone(folder):
    process = start("etcd", SLEEP, folder, folder / "etcd.log")
    stop(process, folder, grace=5)
    assert find(folder) == ()
    assert not Path(f"/proc/{process.pid}").exists()
    stop(process, folder, grace=5)


def test_a_process_that_does_not_listen_is_killed(folder):
    command = ("/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done")
    process = start("etcd", command, folder, folder / "etcd.log")
    while "deaf" not in (folder / "etcd.log").read_text():
        time.sleep(0.01)
    stop(process, folder, grace=0.1)
    assert not is_running(process, folder)


def test_a_pid_that_now_belongs_to_another_program_is_spared(folder):
    """The stranger here has the pid, and nothing else, of a component that is thought to run."""
    stranger = os.posix_spawn(SLEEP[0], ["sleep", "60"], {})
    ours = start("etcd", SLEEP, folder, folder / "etcd.log")
    try:
        stop(type(ours)(pid=stranger, component="etcd", command=SLEEP), folder, grace=0.1)
        assert os.waitpid(stranger, os.WNOHANG) == (0, 0)
    finally:
        os.kill(stranger, signal.SIGKILL)
        os.waitpid(stranger, 0)


def test_a_killed_process_that_nobody_has_reaped_does_not_count(folder):
    process = start("etcd", SLEEP, folder, folder / "etcd.log")
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert Path(f"/proc/{process.pid}").exists()
    assert not is_running(process, folder)
    assert find(folder) == ()


def test_of_the_callers_environment_only_how_much_memory_to_take_reaches_a_component(folder, monkeypatch):
    """etcd would take ETCD_NAME for a flag."""
    monkeypatch.setenv("ETCD_NAME", "other")
    monkeypatch.setenv("GOGC", "300")
    monkeypatch.delenv("GOMEMLIMIT", raising=False)
    process = start("etcd", SLEEP, folder, folder / "etcd.log")
    shown = dict(
        entry.split(b"=", 1) for entry in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0") if entry
    )
    assert shown.keys() == {b"TENANTMESH_CLUSTER", b"TENANTMESH_COMPONENT", b"HOME", b"PATH", b"GOGC"}
    assert shown[b"GOGC"] == b"300"


def test_both_outputs_go_to_the_log_and_the_last_log_is_kept(folder):
    log = folder / "logs" / "etcd.log"
    for word in ("first", "second"):
        process = start("etcd", ("/bin/sh", "-c", f"echo {word}; echo {word} >&2"), folder, log)
        os.waitpid(process.pid, 0)
    assert log.read_text() == "second\nsecond\n"
    assert log.with_suffix(".old").read_text() == "first\nfirst\n"
    assert log.stat().st_mode & 0o077 == 0


def test_a_component_leads_a_session_of_its_own(folder):
    """So that neither Ctrl-C nor a closed terminal ends the cluster."""
    process = start("etcd", SLEEP, folder, folder / "etcd.log")
    assert os.getsid(process.pid) == process.pid


def test_a_process_that_becomes_other_programs_runs_all_the_while(folder):
    """Between two programs a process has no environment for a moment."""
    again = '[ "$1" -gt 0 ] && exec /bin/sh -c "$0" "$0" "$(($1 - 1))"; exec sleep 60'
    process = start("etcd", ("/bin/sh", "-c", again, again, "2000"), folder, folder / "etcd.log")
    try:
        deadline = time.monotonic() + 60
        while _program(process.pid) != "sleep" and time.monotonic() < deadline:
            assert is_running(process, folder)
        assert _program(process.pid) == "sleep"
    finally:
        stop(process, folder, grace=1)


def _program(pid):
    return Path(f"/proc/{pid}/comm").read_text().strip()
