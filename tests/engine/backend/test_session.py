"""A run's steps survive its crash, and end in a checkpoint that holds no secret in the clear."""

import dataclasses
import gzip
import json
import shutil

import pytest

from tenantmesh.engine.backend import Access, FileBackend, Passphrase, checkpoint, journal
from tenantmesh.engine.events import Op
from tenantmesh.engine.resource import Change, Operation, OperationType
from tenantmesh.engine.values import UNKNOWN, Secret
from tenantmesh.errors import LockError, PassphraseError, StateError

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


@pytest.fixture
def read(backend, passphrase):
    """The snapshot as a reader finds it, in the backend's folder or a copy of it."""

    def snapshot(root=None):
        source = backend if root is None else FileBackend.open(f"file://{root}", environment={})
        with source.open_stack("shop", "dev", passphrase, access=Access.READ) as store:
            return store.snapshot

    return snapshot


@pytest.fixture
def crashed(opened, root, tmp_path, resource):
    """A folder as a killed run leaves it: one resource was there, two were made, one was under way."""
    with opened() as store:
        create(store, resource(store.next_key(), "first", inputs={"p": Secret("marker-secret")}))
        store.finish()
    with opened() as store:
        create(store, resource(store.next_key(), "second"))
        store.end(store.begin(creating(resource(store.next_key(), "third"))), None)
        create(store, resource(store.next_key(), "fourth"))
        store.begin(creating(resource(store.next_key(), "fifth", inputs={"p": Secret("marker-secret")})))
        copy = tmp_path / "crashed"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("locks"))
        store.finish()
    return copy


def test_what_was_noted_is_there_for_the_next_run(opened, resource):
    with opened() as store:
        made = create(store, resource(store.next_key(), "a", inputs={"p": Secret([1, "x"])}, outputs={"u": UNKNOWN}))
        store.record(Change(put=resource(store.next_key(), "b", custom=False, id="")))
        store.finish()
    with opened() as store:
        assert [dataclasses.replace(state, key=0) for state in store.snapshot.resources] == [
            dataclasses.replace(made, key=0),
            resource(0, "b", custom=False, id=""),
        ]


def test_every_cut_of_the_journal_leaves_a_state_that_the_run_went_through(opened, root, tmp_path, resource, read):
    """What a step had made durable is in the state of every later cut."""
    path = root / JOURNAL
    with opened() as store:
        create(store, resource(store.next_key(), "old"))
        store.finish()
    copy = tmp_path / "copy"
    marks = []
    with opened() as store:
        old = store.snapshot.resources[0]

        def step(names_after, pending):
            marks.append((path.stat().st_size, names_after, pending))

        a = resource(store.next_key(), "a", inputs={"p": Secret("marker-secret")})
        token = store.begin(creating(a))
        step(["old"], ["a"])
        store.end(token, Change(put=a))
        step(["a", "old"], [])
        store.record(Change(put=old))
        b = resource(store.next_key(), "b")
        token = store.begin(creating(b))
        step(["a", "old"], ["b"])
        store.end(token, Change(put=b, drop=(a.key,)))
        step(["old", "b"], [])
        token = store.begin(Operation(type=OperationType.DELETING, resource=old))
        step(["old", "b"], ["old"])
        store.end(token, Change(drop=(old.key,)))
        step(["b"], [])
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("locks"))
        store.finish()
    data = (copy / JOURNAL).read_bytes()
    reached = set()
    for cut in range(len(data) + 1):
        (copy / JOURNAL).write_bytes(data[:cut])
        snapshot = read(copy)
        found = (names(snapshot), [operation.resource.urn.rpartition("::")[2] for operation in snapshot.pending])
        durable = [place for place, (size, *_) in enumerate(marks) if size <= cut]
        allowed = [(["old"], []), *((records, pending) for _, records, pending in marks)]
        at = durable[-1] + 1 if durable else 0
        # A touch between two syncs moves "old" only, so the states are those of the marks.
        assert found in allowed[at : at + 2], cut
        reached.add(len(durable))
    assert reached == set(range(len(marks) + 1))


def test_a_reader_sees_a_run_that_goes_on_and_takes_no_lock(opened, read, resource):
    with opened() as store:
        create(store, resource(store.next_key(), "a"))
        assert names(read()) == ["a"]
        store.finish()


def test_a_crashed_run_is_folded_by_the_next_one(crashed, passphrase, read):
    assert names(read(crashed)) == ["second", "fourth", "first"]
    backend = FileBackend.open(f"file://{crashed}", environment={})
    with backend.open_stack("shop", "dev", passphrase) as store:
        assert names(store.snapshot) == ["second", "fourth", "first"]
        assert [operation.resource.urn[-5:] for operation in store.snapshot.pending] == ["fifth"]
        assert not (crashed / JOURNAL).exists()
        stored = json.loads((crashed / CHECKPOINT).read_bytes())["checkpoint"]["latest"]
        assert [len(stored["resources"]), len(stored["pending_operations"])] == [3, 1]
        store.end(0, Change(put=dataclasses.replace(store.snapshot.pending[0].resource, id="found")))
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


def test_leaving_by_an_error_folds_and_records_a_failed_update(opened, read, root, resource):
    def run():
        with opened() as store:
            create(store, resource(store.next_key(), "a"))
            raise Killed("stop")

    with pytest.raises(Killed, match="stop"):
        run()
    assert names(read()) == ["a"]
    assert not (root / JOURNAL).exists()
    assert [update["result"] for update in history(root)] == ["failed"]
    with opened() as store:
        store.finish()


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


def history(root):
    return [
        json.loads(path.read_bytes()) for path in sorted((root / ".pulumi/history/shop/dev").glob("*.history.json"))
    ]


def test_an_update_is_recorded_as_the_cli_records_it(opened, root, resource):
    with opened(command="destroy", message="why", config={"shop:a": {"secure": "v1:x"}}) as store:
        create(store, resource(store.next_key(), "a"))
        store.finish(changes={Op.DELETE: 2})
    (update,) = history(root)
    assert (update["kind"], update["result"], update["message"]) == ("destroy", "succeeded", "why")
    assert (update["resourceChanges"], update["config"]) == ({"delete": 2}, {"shop:a": {"secure": "v1:x"}})
    (copy,) = (root / ".pulumi/history/shop/dev").glob("dev-*.checkpoint.json")
    (backup,) = (root / ".pulumi/backups/shop/dev").glob("dev.*.json")
    assert copy.read_bytes() == backup.read_bytes() == (root / CHECKPOINT).read_bytes()


def test_a_run_that_changes_nothing_leaves_the_same_bytes(opened, root, resource):
    with opened() as store:
        for name in "abc":
            create(store, resource(store.next_key(), name, inputs={"p": Secret(name)}))
        store.finish()
    before = (root / CHECKPOINT).read_bytes()
    with opened() as store:
        first, second, third = store.snapshot.resources
        store.record(Change(put=first))
        store.record(Change(put=dataclasses.replace(second)))
        create(store, dataclasses.replace(third))
        store.finish()
    assert (root / CHECKPOINT).read_bytes() == before


def test_a_resource_that_is_put_back_as_it_was_is_stored_as_it_was(opened, resource, read):
    with opened() as store:
        create(store, resource(store.next_key(), "a"))
        store.finish()
    with opened() as store:
        (first,) = store.snapshot.resources
        store.record(Change(put=dataclasses.replace(first, id="other")))
        store.record(Change(put=first))
        store.finish()
    assert read().resources[0].id == "id-a"


def test_an_unchanged_resource_costs_a_few_bytes_of_journal(opened, root, resource):
    with opened() as store:
        create(store, resource(store.next_key(), "a", inputs={"data": "x" * 5000}))
        store.finish()
    with opened() as store:
        store.record(Change(put=store.snapshot.resources[0]))
        store.end(store.begin(creating(resource(store.next_key(), "b"))), None)
        assert (root / JOURNAL).stat().st_size < 1000
        store.finish()


def test_no_secret_is_in_the_clear_anywhere_in_the_folder(crashed, root, opened, resource):
    """Journals, checkpoints, backups, history and locks of a crash and of a recovery."""
    marker = b"marker-secret"
    with opened() as store:
        hidden = resource(
            store.next_key(),
            "h",
            outputs={"a": {"b": [Secret("marker-secret")]}},
            unread={"x": Secret("marker-secret")},
        )
        create(store, hidden)
        with pytest.raises(StateError) as caught:
            store.record(Change(put=dataclasses.replace(hidden, inputs={"p": Secret({"marker-secret": 1j})})))
        assert "marker-secret" not in str(caught.value)
        assert all(marker not in path.read_bytes() for path in root.rglob("*") if path.is_file())
        store.finish()
    files = [path for folder in (root, crashed) for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if marker in path.read_bytes()] == []


def test_a_wrong_passphrase_is_found_before_anything_is_done(opened, backend, resource, root):
    with opened() as store:
        create(store, resource(store.next_key(), "a"))
        store.finish()
    with pytest.raises(PassphraseError, match="incorrect passphrase"):
        backend.open_stack("shop", "dev", Passphrase({"PULUMI_CONFIG_PASSPHRASE": "wrong"})).__enter__()
    assert list((root / ".pulumi/locks").rglob("*.json")) == []


def test_another_salt_encrypts_everything_anew(opened, backend, resource, root):
    with opened() as store:
        create(store, resource(store.next_key(), "a", inputs={"p": Secret("x")}))
        store.begin(creating(resource(store.next_key(), "b", inputs={"p": Secret("y")})))
        store.finish()
    before = (root / CHECKPOINT).read_text()
    both = {"PULUMI_CONFIG_PASSPHRASE": "correct horse"}
    other = Passphrase(both).create().salt
    with backend.open_stack("shop", "dev", Passphrase(both), salt=other) as store:
        store.finish()
    stored = json.loads((root / CHECKPOINT).read_text())["checkpoint"]["latest"]
    assert stored["secrets_providers"]["state"]["salt"] == other
    ciphertexts = [stored["resources"][0], stored["pending_operations"][0]["resource"]]
    assert all(item["inputs"]["p"]["ciphertext"] not in before for item in ciphertexts)
    with backend.open_stack("shop", "dev", Passphrase(both), access=Access.READ) as store:
        assert store.snapshot.resources[0].inputs == {"p": Secret("x")}


def test_a_secret_that_was_stored_in_the_clear_is_encrypted_on_opening(opened, root, resource):
    with opened() as store:
        create(store, resource(store.next_key(), "a", inputs={"p": Secret("x")}))
        store.finish()
    content = json.loads((root / CHECKPOINT).read_text())
    secret = content["checkpoint"]["latest"]["resources"][0]["inputs"]["p"]
    del secret["ciphertext"]
    secret["plaintext"] = '"marker-plain"'
    (root / CHECKPOINT).write_text(json.dumps(content))
    with opened() as store:
        assert store.snapshot.resources[0].inputs == {"p": Secret("marker-plain")}
        assert "marker-plain" not in (root / CHECKPOINT).read_text()
        store.finish()


def test_a_packed_stack_is_read_and_written_packed(tmp_path, passphrase, salt, resource):
    backend = FileBackend.open(f"file://{tmp_path}", environment={"PULUMI_SELF_MANAGED_STATE_GZIP": "true"})
    backend.create("shop", "dev")
    with backend.open_stack("shop", "dev", passphrase, salt=salt) as store:
        create(store, resource(store.next_key(), "a"))
        store.finish()
    file = tmp_path / f"{CHECKPOINT}.gz"
    assert len(json.loads(gzip.decompress(file.read_bytes()))["checkpoint"]["latest"]["resources"]) == 1
    assert not (tmp_path / CHECKPOINT).exists()
    assert len(list((tmp_path / ".pulumi/history/shop/dev").glob("*.json.gz"))) == 2
    assert backend.stacks("shop") == ("dev",)


def test_a_reading_session_notes_nothing(backend, passphrase, resource, root):
    with backend.open_stack("shop", "dev", passphrase, access=Access.READ) as store:
        state = resource(store.next_key(), "a")
        for refused in (
            lambda: store.begin(creating(state)),
            lambda: store.end(0, None),
            lambda: store.record(Change(put=state)),
            store.rebase,
        ):
            with pytest.raises(StateError, match="open for reading only"):
                refused()
        store.finish()
    assert not (root / ".pulumi/history").exists()


def test_what_can_not_be_stored_is_refused_by_its_resource(opened, resource):
    deep = value = []
    for _level in range(100_000):
        value.append([])
        value = value[0]
    with opened() as store:
        for inputs, reason in (({"a": deep}, "nested too deeply"), ({"a": 1j}, "a complex can't be stored")):
            with pytest.raises(StateError, match=rf"::a: .*{reason}"):
                store.begin(creating(resource(store.next_key(), "a", inputs=inputs)))
        store.finish()
    while deep:
        deep = deep.pop()


def test_nothing_can_be_noted_after_the_end_nor_ended_twice(opened, resource):
    with opened() as store:
        state = resource(store.next_key(), "a")
        token = store.begin(creating(state))
        store.end(token, None)
        with pytest.raises(StateError, match="is not under way"):
            store.end(token, None)
        store.finish()
        store.finish()
        with pytest.raises(StateError, match="is finished"):
            store.record(Change(put=state))


def test_a_disk_that_refuses_stops_the_run_before_the_next_provider_call(opened, root, resource):
    blocked = root / ".pulumi/tenantmesh/journal"

    def run():
        with opened() as store:
            blocked.write_text("")
            store.begin(creating(resource(store.next_key(), "a")))

    with pytest.raises(StateError, match="can't be written") as caught:
        run()
    assert "the steps so far stay in" in caught.value.__notes__[0]
    blocked.unlink()
    with opened() as store:
        assert store.snapshot.resources == ()
        store.finish()


def test_records_that_were_put_out_of_order_are_stored_in_order(opened, resource, read):
    with opened() as store:
        base = resource(store.next_key(), "base")
        create(store, resource(store.next_key(), "top", dependencies=(base.urn, "urn:gone")))
        create(store, base)
        store.finish()
    assert names(read()) == ["base", "top"]
    assert read().resources[1].dependencies == (base.urn,)


def test_a_stack_in_an_order_that_the_cli_refuses_is_refused(opened, root, resource):
    with opened() as store:
        create(store, resource(store.next_key(), "a"))
        store.finish()
    content = json.loads((root / CHECKPOINT).read_text())
    content["checkpoint"]["latest"]["resources"][0]["parent"] = "urn:nobody"
    (root / CHECKPOINT).write_text(json.dumps(content))
    with pytest.raises(StateError, match="its parent urn:nobody is missing; run `pulumi state repair`"):
        opened().__enter__()


def test_the_lock_is_free_after_every_end(opened):
    for _run in range(2):
        with opened() as store:
            store.finish()
        with pytest.raises(Killed), opened():
            raise Killed
    with opened(command="first") as store:
        with pytest.raises(LockError, match="running first"):
            opened().__enter__()
        store.finish()
