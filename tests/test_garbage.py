"""The garbage collector during a run and after it."""

import gc

from tenantmesh.garbage import patient_collector


def test_a_run_is_not_looked_through_and_neither_is_what_it_leaves():
    looks = []
    gc.callbacks.append(lambda phase, _info: looks.append(phase))
    try:
        with patient_collector():
            looks.clear()
            made = [[] for _ in range(150_000)]
        after = [[] for _ in range(100)]
    finally:
        gc.callbacks.pop()
    assert looks == []
    assert len(made) + len(after) == 150_100


def test_the_collector_is_as_before_when_a_run_ends_and_finds_what_it_left():
    before = gc.get_threshold()
    with patient_collector():
        ring = []
        ring.append(ring)
        del ring
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
    assert gc.collect() >= 1
