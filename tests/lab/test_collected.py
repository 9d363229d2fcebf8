"""Lists of a cluster that are followed together: what is acted on, how often, and again after a failure."""

import queue

from tenantmesh.errors import ClusterError
from tenantmesh.lab.collected import Collected

_PATIENCE = 10


def _object(name, version=1, namespace="tenant1"):
    return {"metadata": {"namespace": namespace, "name": name, "uid": name, "resourceVersion": str(version)}}


class _Api:
    """One list that starts with `items` and changes as it is told."""

    def __init__(self, *items, refusals=0):
        self._items = list(items)
        self._events = queue.Queue()
        self._refusals = refusals

    def tell(self, event, item):
        self._events.put({"type": event, "object": item})

    def get(self, path):
        assert path == "/things"
        if self._refusals:
            self._refusals -= 1
            raise ClusterError("not yet")
        return {"items": list(self._items), "metadata": {"resourceVersion": "1"}}

    def watch(self, path, version, *, seconds):
        assert path == "/things"
        assert int(version) >= 1
        assert seconds > 0
        while True:
            yield self._events.get()


class _Acting:
    """Remembers the names that it was called with; the first `failures` times it fails."""

    def __init__(self, failures=0):
        self._calls = queue.Queue()
        self._failures = failures

    def act(self, objects):
        self._calls.put([one["metadata"]["name"] for one in objects["things"]])
        if self._failures:
            self._failures -= 1
            raise ClusterError("the server is away")

    def next(self):
        return self._calls.get(timeout=_PATIENCE)

    def until(self, names):
        while self.next() != names:
            pass


def _started(api, acting):
    found = Collected(api, {"things": "/things"}, acting.act)
    found.start()
    return found


def test_what_is_there_is_acted_on_at_once_and_in_order():
    acting = _Acting()
    _started(_Api(_object("b"), _object("a"), _object("z", namespace="another")), acting)
    assert acting.next() == ["z", "a", "b"]


def test_each_change_is_acted_on():
    api, acting = _Api(_object("a")), _Acting()
    _started(api, acting)
    assert acting.next() == ["a"]
    api.tell("ADDED", _object("b", 2))
    acting.until(["a", "b"])
    api.tell("DELETED", _object("a", 3))
    acting.until(["b"])


def test_changes_that_come_together_are_acted_on_together():
    api, acting = _Api(_object("a")), _Acting()
    _started(api, acting)
    assert acting.next() == ["a"]
    names = [f"b{number:02}" for number in range(50)]
    for number, name in enumerate(names):
        api.tell("ADDED", _object(name, number + 2))
    calls = [acting.next()]
    while calls[-1] != ["a", *names]:
        calls.append(acting.next())
    assert len(calls) < 10


def test_what_fails_is_tried_again():
    """The node's rules must not stay behind because a server was away for a moment."""
    acting = _Acting(failures=1)
    _started(_Api(_object("a"), refusals=1), acting)
    assert [acting.next(), acting.next()] == [["a"], ["a"]]


def test_it_acts_again_when_it_is_touched():
    acting = _Acting()
    found = _started(_Api(_object("a")), acting)
    assert acting.next() == ["a"]
    found.touch()
    assert acting.next() == ["a"]
