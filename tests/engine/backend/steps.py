"""A run's steps, where its files are, and what they hold."""

import json

from tenantmesh.engine.resource import Change, Operation, OperationType

CHECKPOINT = ".pulumi/stacks/shop/dev.json"
JOURNAL = ".pulumi/tenantmesh/journal/shop/dev.jsonl"


class Killed(BaseException):
    """Stands for the end of a process at a point of the test's choice."""


def creating(state):
    return Operation(type=OperationType.CREATING, resource=state)


def create(store, state):
    store.end(store.begin(creating(state)), Change(put=state))
    return state


def names(snapshot):
    return [state.urn.rpartition("::")[2] for state in snapshot.resources]


def history(root):
    return [
        json.loads(path.read_bytes()) for path in sorted((root / ".pulumi/history/shop/dev").glob("*.history.json"))
    ]
