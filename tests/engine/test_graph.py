"""The order of deletions, the pool of threads, and URNs."""

from concurrent.futures import Future
from threading import Barrier, Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine import urn as urns
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.steps.deletions import run_in_order
from tenantmesh.engine.steps.graph import Graph, deletion_order
from tenantmesh.engine.steps.workers import Workers


def state(key: int, needs: frozenset[int] = frozenset(), parent: int | None = None) -> ResourceState:
    return ResourceState(
        key=key,
        urn=f"urn:{key}",
        type="a:b:C",
        custom=True,
        dependencies=tuple(f"urn:{one}" for one in sorted(needs)),
        parent="" if parent is None else f"urn:{parent}",
    )


@st.composite
def states(draw) -> list[ResourceState]:
    size = draw(st.integers(1, 12))
    earlier = [draw(st.frozensets(st.integers(0, key - 1), max_size=3)) if key else frozenset() for key in range(size)]
    return [state(key, needs) for key, needs in enumerate(earlier)]


@given(states(), st.sets(st.integers(0, 11)))
def test_nothing_is_deleted_before_what_depends_on_it_nor_after_a_failure(records, failing):
    deleted: list[int] = []

    def start(key: int) -> "Future[bool]":
        future: Future[bool] = Future()
        if key not in failing:
            deleted.append(key)
        future.set_result(key not in failing)
        return future

    run_in_order(deletion_order(records), start)
    for record in records:
        dependents = {other.key for other in records if record.urn in other.dependencies}
        if record.key in deleted:
            assert dependents <= set(deleted[: deleted.index(record.key)])
        elif record.key not in failing:
            assert dependents - set(deleted)


def test_children_are_deleted_before_their_parents_but_do_not_depend_on_them():
    records = [state(0), state(1, parent=0)]
    assert deletion_order(records) == {0: {1}, 1: set()}
    assert Graph(records).dependents(records[0]) == []


@given(states())
def test_dependents_are_found_through_others_and_in_order(records):
    graph = Graph(records)
    for root in records:
        found = {one.key for one in graph.dependents(root)}
        reached = {root.key}
        for other in records[root.key + 1 :]:
            if any(f"urn:{key}" in other.dependencies for key in reached):
                reached.add(other.key)
        assert found == reached - {root.key}
        assert [one.key for one in graph.dependents(root)] == sorted(found)


def test_as_many_threads_as_allowed_work_at_one_time():
    barrier = Barrier(4, timeout=10)
    with Workers(4) as workers:
        assert [future.result() for future in [workers.submit(barrier.wait) for _ in range(4)]].count(0) == 1


def test_a_thread_that_is_free_is_used_again_and_errors_reach_the_caller():
    with Workers(1) as workers:
        assert [workers.submit(pow, 2, power).result() for power in range(5)] == [1, 2, 4, 8, 16]
        with pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 1, 0).result()


def test_an_exception_is_not_held_up_by_work_under_way():
    never = Event()

    def interrupted() -> None:
        with Workers(1) as workers:
            workers.submit(never.wait, 60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    never.set()


def test_a_urn_names_its_parents_types_but_not_the_stack():
    stack = urns.make("dev", "shop", "", urns.ROOT_STACK, "shop-dev")
    outer = urns.make("dev", "shop", stack, "my:index:Box", "box")
    inner = urns.make("dev", "shop", outer, "kubernetes:core/v1:Secret", "a::b")
    assert outer == "urn:pulumi:dev::shop::my:index:Box::box"
    assert inner == "urn:pulumi:dev::shop::my:index:Box$kubernetes:core/v1:Secret::a::b"
    assert (urns.type_of(inner), urns.name_of(inner)) == ("kubernetes:core/v1:Secret", "a::b")
    assert urns.split_reference(f"{inner}::some-id") == (inner, "some-id")


NAMES = {"": "default", "4.34.2": "default_4_34_2", "1.0.0-rc.1+build.5": "default_1_0_0_rc_1_build_5"}


@pytest.mark.parametrize(("version", "name"), NAMES.items())
def test_the_name_of_a_default_provider_says_its_version(version, name):
    assert urns.default_provider_name(version) == name
