"""A run's steps are noted, and end in a checkpoint and in the history."""

import gzip
import json

import pytest
from msgspec import structs

from tenantmesh.engine.backend import Access, FileBackend
from tenantmesh.engine.events import Op
from tenantmesh.engine.resource import Change
from tenantmesh.engine.values import UNKNOWN, Secret
from tenantmesh.errors import LockError, StateError
from tests.engine.backend.steps import CHECKPOINT, JOURNAL, Killed, create, creating, history, names


def test_what_was_noted_is_there_for_the_next_run(opened, resource):
    with opened() as store:
        made = create(store, resource(store.next_key(), "a", inputs={"p": Secret([1, "x"])}, outputs={"u": UNKNOWN}))
        store.record(Change(put=resource(store.next_key(), "b", custom=False, id="")))
        store.finish()
    with opened() as store:
        assert [structs.replace(state, key=0) for state in store.snapshot.resources] == [
            structs.replace(made, key=0),
            resource(0, "b", custom=False, id=""),
        ]


def test_a_reader_sees_a_run_that_goes_on_and_takes_no_lock(opened, read, resource):
    with opened() as store:
        create(store, resource(store.next_key(), "a"))
        assert names(read()) == ["a"]
        store.finish()


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
        store.record(Change(put=structs.replace(second)))
        create(store, structs.replace(third))
        store.finish()
    assert (root / CHECKPOINT).read_bytes() == before


def test_a_resource_that_is_put_back_as_it_was_is_stored_as_it_was(opened, resource, read):
    with opened() as store:
        create(store, resource(store.next_key(), "a"))
        store.finish()
    with opened() as store:
        (first,) = store.snapshot.resources
        store.record(Change(put=structs.replace(first, id="other")))
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
