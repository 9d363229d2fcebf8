"""Refresh: the state becomes what the world is."""

import pulumi

from tenantmesh.engine.events import Command, Op
from tests.engine.fakes import Group, Thing, ops
from tests.engine.harness import Stack, done


def two() -> None:
    first = Thing("one", {"size": 1})
    Thing("two", {"size": 1, "from": first.made}, pulumi.ResourceOptions(parent=Group("group")))


def changed(stack: Stack) -> None:
    """Somebody else changes one thing."""
    stack.cloud.things[stack.state("one").id] = {"size": 5}


def test_a_change_in_the_world_is_taken_into_the_state():
    stack = Stack()
    stack.up(two)
    changed(stack)
    result, events = stack.command(Command.REFRESH)
    assert result.ok
    assert ops(events) == {"one": [Op.REFRESH, Op.UPDATE], "two": [Op.REFRESH]}
    assert stack.state("one").inputs == {"size": 5}
    assert done(stack.up(two)) == {"one": [Op.UPDATE]}


def test_a_preview_of_a_refresh_changes_no_state():
    stack = Stack()
    stack.up(two)
    changed(stack)
    before = stack.store.snapshot
    result, _events = stack.command(Command.REFRESH, skip_preview=False, confirm=lambda _changes: False)
    assert result.declined
    assert stack.store.snapshot == before


def test_what_is_gone_is_forgotten_and_nothing_depends_on_it_any_more():
    stack = Stack()
    stack.up(two)
    stack.cloud.things.pop(stack.state("one").id)
    result, events = stack.command(Command.REFRESH)
    assert result.ok
    assert ops(events)["one"] == [Op.REFRESH, Op.DELETE]
    assert stack.names() == ["group", "two"]
    assert stack.state("two").dependencies == ()
    assert done(stack.up(two)) == {"one": [Op.CREATE], "two": [Op.UPDATE]}


def test_a_refresh_without_changes_leaves_the_state_as_it_is():
    stack = Stack()
    stack.up(two)
    before = stack.store.snapshot
    assert stack.command(Command.REFRESH)[0].ok
    assert stack.store.snapshot == before


def test_what_can_not_be_read_stays_and_the_run_is_not_ok():
    stack = Stack()
    stack.up(two)
    before = stack.store.snapshot

    def refuse(_call: str, name: str) -> None:
        if name == "one":
            raise ConnectionError("the line is down")

    stack.cloud.before = refuse
    assert not stack.command(Command.REFRESH)[0].ok
    assert stack.store.snapshot == before


def test_up_may_refresh_first():
    stack = Stack()
    stack.up(two)
    changed(stack)
    assert done(stack.up(two)) == {}
    assert done(stack.up(two, refresh=True))["one"] == [Op.REFRESH, Op.UPDATE, Op.UPDATE]
    assert stack.cloud.things[stack.state("one").id] == {"size": 1}


def test_a_preview_may_refresh_too_and_writes_nothing():
    stack = Stack()
    stack.up(two)
    changed(stack)
    before = stack.store.snapshot
    assert Op.UPDATE in done(stack.preview(two, refresh=True))["one"]
    assert stack.store.snapshot == before


def test_destroy_may_refresh_first():
    stack = Stack()
    stack.up(two)
    stack.cloud.things.clear()
    stack.cloud.calls.clear()
    assert stack.command(Command.DESTROY, refresh=True)[0].ok
    assert stack.cloud.called("delete") == []
    assert not stack.store.snapshot.resources
