"""A crashed run is folded by the next one, wherever it was cut off, and what others changed is not overwritten."""

import json
import shutil

import pytest
from msgspec import structs

from tenantmesh.engine.backend import FileBackend, checkpoint, journal
from tenantmesh.engine.resource import Change, Operation, OperationType
from tenantmesh.engine.values import Secret
from tenantmesh.errors import StateError
from tests.engine.backend.steps import CHECKPOINT, JOURNAL, create, creating, names


def some_steps(store, resource):
    """Makes, keeps, replaces and deletes; after each step, what is there and what is under way."""
    old = store.snapshot.resources[0]
    a = resource(store.next_key(), "a", inputs={"p": Secret("marker-secret")})
    token = store.begin(creating(a))
    yield ["old"], ["a"]
    store.end(token, Change(put=a))
    yield ["a", "old"], []
    store.record(Change(put=old))
    b = resource(store.next_key(), "b")
    token = store.begin(creating(b))
    yield ["a", "old"], ["b"]
    store.end(token, Change(put=b, drop=(a.key,)))
    yield ["old", "b"], []
    token = store.begin(Operation(type=OperationType.DELETING, resource=old))
    yield ["old", "b"], ["old"]
    store.end(token, Change(drop=(old.key,)))
    yield ["b"], []


def test_every_cut_of_the_journal_leaves_a_state_that_the_run_went_through(opened, root, tmp_path, resource, read):
    """What a step had made durable is in the state of every later cut."""
    with opened() as store:
        create(store, resource(store.next_key(), "old"))
        store.finish()
    copy = tmp_path / "copy"
    with opened() as store:
        marks = [((root / JOURNAL).stat().st_size, state) for state in some_steps(store, resource)]
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("locks"))
        store.finish()
    states = [(["old"], []), *(state for _, state in marks)]
    data = (copy / JOURNAL).read_bytes()
    reached = set()
    for cut in range(len(data) + 1):
        (copy / JOURNAL).write_bytes(data[:cut])
        snapshot = read(copy)
        found = (names(snapshot), [operation.resource.urn.rpartition("::")[2] for operation in snapshot.pending])
        durable = sum(size <= cut for size, _ in marks)
        # A touch between two syncs moves "old" only, so the states are those of the marks.
        assert found in states[durable : durable + 2], cut
        reached.add(durable)
    assert reached == set(range(len(marks) + 1))


def test_a_crashed_run_is_folded_by_the_next_one(crashed, passphrase, read):
    assert names(read(crashed)) == ["second", "fourth", "first"]
    backend = FileBackend.open(f"file://{crashed}", environment={})
    with backend.open_stack("shop", "dev", passphrase) as store:
        assert names(store.snapshot) == ["second", "fourth", "first"]
        assert [operation.resource.urn[-5:] for operation in store.snapshot.pending] == ["fifth"]
        assert not (crashed / JOURNAL).exists()
        stored = json.loads((crashed / CHECKPOINT).read_bytes())["checkpoint"]["latest"]
        assert [len(stored["resources"]), len(stored["pending_operations"])] == [3, 1]
        store.end(0, Change(put=structs.replace(store.snapshot.pending[0].resource, id="found")))
        store.finish()
    assert names(read(crashed)) == ["fifth", "second", "fourth", "first"]
    assert read(crashed).pending == ()


def test_a_crash_between_fold_and_the_journals_end_folds_once(crashed, passphrase, read):
    """The journal that a fold leaves behind names the checkpoint that it has become."""
    path, before = crashed / JOURNAL, (crashed / JOURNAL).read_bytes()
    backend = FileBackend.open(f"file://{crashed}", environment={})
    with backend.open_stack("shop", "dev", passphrase):
        pass
    path.write_bytes(before)
    journal.add_result(path, checkpoint.digest((crashed / CHECKPOINT).read_bytes()))
    expected = read(crashed)
    assert names(expected) == ["second", "fourth", "first"]
    with backend.open_stack("shop", "dev", passphrase) as store:
        assert store.snapshot == expected
        assert not path.exists()
        store.finish()


def test_a_crash_before_the_fold_is_stored_folds_again(crashed, read):
    journal.add_result(crashed / JOURNAL, "the digest of a checkpoint that never came to be")
    assert names(read(crashed)) == ["second", "fourth", "first"]


def test_a_checkpoint_that_was_changed_after_a_crash_is_refused_and_nothing_is_lost(crashed, passphrase, read):
    file, kept = crashed / CHECKPOINT, (crashed / JOURNAL).read_bytes()
    base = file.read_bytes()
    file.write_bytes(base.replace(b"id-first", b"id-other"))
    backend = FileBackend.open(f"file://{crashed}", environment={})
    with pytest.raises(StateError, match="was changed by something else") as caught:
        backend.open_stack("shop", "dev", passphrase).__enter__()
    assert (crashed / JOURNAL).read_bytes() == kept
    assert list((crashed / ".pulumi/locks").rglob("*.json")) == []
    copy = str(caught.value).partition("copy ")[2].partition(" over")[0]
    shutil.copy(copy, file)
    assert names(read(crashed)) == ["second", "fourth", "first"]


def test_a_checkpoint_that_was_changed_during_a_run_is_not_overwritten(opened, root, resource, read):
    with opened() as store:
        store.record(Change(put=resource(store.next_key(), "a")))
        base = (root / CHECKPOINT).read_bytes()
        (root / CHECKPOINT).write_bytes(base + b" ")
        with pytest.raises(StateError, match="was changed by something else"):
            store.finish()
    assert (root / CHECKPOINT).read_bytes() == base + b" "
    (root / CHECKPOINT).write_bytes(base)
    assert names(read()) == ["a"]
