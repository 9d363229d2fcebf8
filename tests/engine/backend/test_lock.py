"""Two runs never meet on one stack, a dead run's lock is taken over, and the Pulumi CLI's locks count."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from tenantmesh.engine.backend import StaleLockWarning
from tenantmesh.errors import LockError

HOLD = """
import os, sys
from tenantmesh.engine.backend import FileBackend, Passphrase
from tenantmesh.errors import LockError
environment = {"PULUMI_CONFIG_PASSPHRASE": "correct horse"}
backend = FileBackend.open(sys.argv[1], environment=environment)
print("ready", flush=True)
sys.stdin.readline()
try:
    with backend.open_stack("shop", "dev", Passphrase(environment), salt=sys.argv[2], command=sys.argv[3]) as store:
        print("holds", flush=True)
        sys.stdin.readline()
        store.finish()
except LockError as error:
    print(error, flush=True)
"""


@pytest.fixture
def start(backend, salt):
    """Starts processes that wait for a line, take the lock, and wait for another line to give it back."""
    running = []

    def run(command):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, backend.url, salt, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        running.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate(timeout=30)


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def foreign_lock(root, **fields):
    folder = root / ".pulumi/locks/organization/shop/dev"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "11111111-2222-4333-8444-555555555555.json"
    lock = {"pid": 1, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-01-02T03:04:05Z", **fields}
    path.write_text(json.dumps(lock))
    return path


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(timeout=60)
    return process.pid


def test_of_two_processes_that_start_together_one_holds_and_the_other_hears_of_it(start):
    for _round in range(3):
        pair = [start("up"), start("destroy")]
        for process in pair:
            go(process)
        heard = [process.stdout.readline() for process in pair]
        assert heard.count("holds\n") == 1, heard
        loser = next(line for line in heard if line != "holds\n")
        assert "organization/shop/dev is locked by" in loser
        winner = pair[heard.index("holds\n")]
        go(winner)
        assert winner.wait(timeout=60) == 0


def test_the_error_says_who_holds_the_lock_since_when_and_for_what(start, opened):
    process = start("destroy")
    go(process)
    assert process.stdout.readline() == "holds\n"
    with pytest.raises(LockError) as caught:
        opened().__enter__()
    for part in (f"@{socket.gethostname()}", f"process {process.pid}", "since 20", "running destroy"):
        assert part in str(caught.value)


def test_the_lock_of_a_killed_run_is_taken_over_with_a_warning(start, opened, root):
    process = start("up")
    go(process)
    assert process.stdout.readline() == "holds\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=60)
    with pytest.warns(StaleLockWarning, match=rf"process {process.pid}\).* no longer runs"), opened() as store:
        store.finish()
    assert list((root / ".pulumi/locks").rglob("*.json")) == []


def test_a_dead_process_of_the_cli_on_this_host_is_taken_over(opened, root):
    path = foreign_lock(root, hostname=socket.gethostname(), pid=dead_pid())
    with pytest.warns(StaleLockWarning), opened() as store:
        store.finish()
    assert not path.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"hostname": "elsewhere", "pid": 2**22 - 1},
        {"hostname": socket.gethostname(), "pid": os.getpid()},
        {"hostname": socket.gethostname(), "pid": 2**22 - 1, "namespace": "pid:[1]"},
        {"hostname": socket.gethostname(), "pid": "many"},
        {"hostname": socket.gethostname(), "pid": -1},
    ],
)
def test_a_lock_of_which_nobody_knows_that_it_is_dead_is_honoured(opened, root, fields):
    path = foreign_lock(root, **fields)
    with pytest.raises(LockError, match="ann@") as caught:
        opened().__enter__()
    assert str(path) in str(caught.value)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_number_that_another_process_has_now_is_a_dead_lock(opened, root):
    foreign_lock(root, hostname=socket.gethostname(), pid=os.getpid(), start="1")
    with pytest.warns(StaleLockWarning), opened() as store:
        store.finish()


def test_a_lock_that_can_not_be_read_is_honoured(opened, root):
    foreign_lock(root).write_text("{")
    with pytest.raises(LockError, match="unknown@unknown"):
        opened().__enter__()


def test_the_lock_file_is_what_the_cli_expects(opened, root):
    with opened() as store:
        (path,) = (root / ".pulumi/locks/organization/shop/dev").iterdir()
        content = json.loads(path.read_text())
        assert content["pid"] == os.getpid()
        assert content["hostname"] == socket.gethostname()
        assert {"username", "timestamp"} < set(content)
        store.finish()


def test_a_run_that_has_not_yet_said_who_it_is_is_waited_for(opened, root):
    gate = root / ".pulumi/tenantmesh/gates/shop/dev.lock"
    with gate.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(LockError, match="has only just started"):
            opened().__enter__()
    with opened() as store:
        store.finish()


def test_stacks_are_locked_one_by_one(opened, backend, passphrase, salt):
    backend.create("shop", "other")
    with opened() as one, backend.open_stack("shop", "other", passphrase, salt=salt) as two:
        two.finish()
        one.finish()


def test_a_stack_that_is_in_use_is_not_removed(backend, root):
    foreign_lock(root)
    with pytest.raises(LockError):
        backend.remove("shop", "dev")
