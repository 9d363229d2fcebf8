"""A journal loses nothing that was durable, whatever byte the machine stopped at, and never takes damage for an end."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine.backend import journal
from tenantmesh.engine.backend.journal import Journal
from tenantmesh.engine.backend.ledger import Ledger
from tenantmesh.errors import StateError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "dev.jsonl"


def written(path, steps):
    """Writes entries, of which a true step makes all so far durable; gives (size, entries) after each sync."""
    log = Journal(path, "base")
    durable = []
    for place, sync in enumerate(steps, start=1):
        number = log.append({"x": place})
        if sync:
            log.sync(number)
            durable.append((path.stat().st_size, place + 1))
    log.close()
    return durable


def test_every_cut_leaves_a_prefix_that_has_all_that_was_durable_by_then(path):
    durable = written(path, [True, False, False, True, True, False, True])
    data = path.read_bytes()
    for cut in range(len(data) + 1):
        entries = journal.read(path, data[:cut])
        assert [entry["n"] for entry in entries] == list(range(len(entries)))
        assert len(entries) >= max((count for size, count in durable if size <= cut), default=0)


def test_every_damaged_byte_is_noticed_unless_only_undurable_entries_follow(path):
    written(path, [True, True, False])
    data = path.read_bytes()
    whole = journal.read(path, data)
    last_durable = data[: data.rindex(b"\n", 0, -1)].count(b"\n")
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1
        try:
            entries = journal.read(path, bytes(damaged))
        except StateError as error:
            assert "entries that were durable follow" in str(error)  # noqa: PT017 -- either outcome may be right
        else:
            # What follows the damage said of nothing damaged that it was durable.
            assert entries == whole[: len(entries)]
            assert len(entries) >= last_durable


def test_what_was_not_synced_is_not_in_the_file(path):
    log = Journal(path, "base")
    log.append({"x": 1})
    assert not log.exists
    assert not path.exists()


def test_threads_that_wait_together_all_find_their_entries_durable(path):
    log = Journal(path, "base")
    start = threading.Barrier(8)
    seen = []

    def work(worker):
        start.wait()
        for step in range(20):
            log.sync(log.append({"worker": worker, "step": step}))
            seen.append((worker, step, path.read_bytes().count(b"\n")))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = journal.read(path, path.read_bytes())[1:]
    place = {(entry["worker"], entry["step"]): entry["n"] for entry in entries}
    assert len(place) == 160
    assert all(lines > place[worker, step] for worker, step, lines in seen)
    assert all(entry["durable"] < entry["n"] for entry in entries)


def test_a_disk_that_refuses_stops_every_later_step(path):
    path.parent.write_text("a file where a folder has to be")
    log = Journal(path, "base")
    for _attempt in range(2):
        with pytest.raises(StateError, match="can't be written"):
            log.sync(log.append({"x": 1}))


def test_a_result_is_noted_behind_the_torn_end(path):
    written(path, [True, True])
    path.write_bytes(path.read_bytes() + b"0000 torn" * 100)
    journal.add_result(path, "digest")
    entries = journal.read(path, path.read_bytes())
    assert [entry.get("result") for entry in entries] == [None, None, None, "digest"]


def test_a_journal_of_another_format_is_refused(path):
    line = journal._line('{"n":0,"durable":-1,"format":2,"base":"b"}')
    with pytest.raises(StateError, match="a newer tenantmesh wrote this journal"):
        journal.read(path, line)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["leave", "put", "touch", "drop"]), st.integers(1, 8)),
        st.tuples(st.just("rebase"), st.just(0)),
    ),
    max_size=20,
)


@given(STEPS)
def test_records_put_come_first_in_the_order_first_put_then_the_others(steps):
    """The model keeps two plain lists of keys; one that leaves while it is old stays where it is."""
    ledger = Ledger([{"name": key} for key in range(1, 6)], [])
    old, new, leaving = [1, 2, 3, 4, 5], [], set()
    for kind, key in steps:
        if kind == "rebase":
            ledger.apply({"rebase": True})
            old, new = new + old, []
        elif kind == "drop":
            ledger.apply({"drop": [key]})
            old, new = [k for k in old if k != key], [k for k in new if k != key]
            leaving -= {key}
        else:
            leaving = {"leave": leaving | {key}, "put": leaving - {key}, "touch": leaving}[kind]
            ledger.apply(
                {"key": key} if kind == "touch" else {"key": key, "put": {"name": key, "delete": kind == "leave"}}
            )
            there = key in old or (key not in new and kind != "touch")
            if there and not (key in old and key in leaving):
                old, new = [k for k in old if k != key], [*new, key]
    assert [record["name"] for record in ledger.records()] == new + old
