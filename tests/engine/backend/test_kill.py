"""A process that is killed at any moment leaves a stack that goes on where it was."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

CHILD = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from tenantmesh.engine.backend import FileBackend, Passphrase
from tenantmesh.engine.resource import Change, Operation, OperationType, ResourceState
from tenantmesh.engine.values import Secret
environment = {"PULUMI_CONFIG_PASSPHRASE": "correct horse"}
backend = FileBackend.open(sys.argv[1], environment=environment)
said = threading.Lock()
def say(*words):
    with said:
        print(*words, flush=True)
with backend.open_stack("shop", "dev", Passphrase(environment), salt=sys.argv[2]) as store:
    def delete(state):
        token = store.begin(Operation(type=OperationType.DELETING, resource=state))
        say("begun", state.urn)
        store.end(token, Change(drop=(state.key,)))
        say("deleted", state.urn)
    def create(number):
        urn = f"urn:pulumi:dev::shop::a:b:C::{sys.argv[3]}-{number}"
        state = ResourceState(key=store.next_key(), urn=urn, type="a:b:C", custom=True, id="i",
                              inputs={"p": Secret("marker-secret")})
        token = store.begin(Operation(type=OperationType.CREATING, resource=state))
        say("begun", urn)
        store.end(token, Change(put=state))
        say("created", urn)
    say("open", "")
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(delete, store.snapshot.resources))
        list(workers.map(create, range(400)))
    store.finish()
    say("finished", "")
"""


WORKERS = 4


def killed_run(url, salt, name, seconds):
    """Runs the child, kills it after a while, and gives what it had said: URNs by the word before them."""
    # Without a buffer, for what `readline` had put there `communicate` would not give.
    process = subprocess.Popen([sys.executable, "-c", CHILD, url, salt, name], stdout=subprocess.PIPE, bufsize=0)
    assert process.stdout.readline() == b"open \n"
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    lines = process.communicate(timeout=60)[0].decode().splitlines(keepends=True)
    words = [line.split() for line in lines if line.endswith("\n") and len(line.split()) == 2]
    said = {word: {urn for found, urn in words if found == word} for word in ("begun", "created", "deleted")}
    return said, process.returncode == -signal.SIGKILL


@pytest.mark.filterwarnings("ignore::tenantmesh.engine.backend.StaleLockWarning")
def test_what_a_killed_process_had_said_is_done_is_in_the_state(backend, passphrase, salt, root):
    """Each round deletes what the round before left and creates anew, and is killed at a random moment."""
    chance = random.Random(7)  # noqa: S311 -- reproducible, not secret
    before, kills = set(), 0
    for turn in range(10):
        said, killed = killed_run(backend.url, salt, str(turn), chance.random() * 0.2)
        kills += killed
        with backend.open_stack("shop", "dev", passphrase) as store:
            found = {state.urn for state in store.snapshot.resources}
            pending = {operation.resource.urn for operation in store.snapshot.pending}
            for token, _operation in enumerate(store.snapshot.pending):
                store.end(token, None)
            store.finish()
        created, deleted, open_ = said["created"], said["deleted"], said["begun"] - said["created"] - said["deleted"]
        assert created <= found
        assert not deleted & found
        assert {urn for urn in open_ if urn in before and urn in found} <= pending
        assert {urn for urn in open_ if urn not in before and urn not in found} <= pending
        # Each worker may have done one thing more than it could say.
        assert len((found - before) - created) <= WORKERS
        assert len((before - found) - deleted) <= WORKERS
        assert len(pending) <= WORKERS
        before = found
    assert kills >= 5
    state = json.loads((root / ".pulumi/stacks/shop/dev.json").read_text())["checkpoint"]["latest"]
    assert {record["urn"] for record in state.get("resources", [])} == before
    assert [path for path in root.rglob("*") if path.is_file() and b"marker-secret" in path.read_bytes()] == []
