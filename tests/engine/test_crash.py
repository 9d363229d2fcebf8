"""kill -9 at any point loses nothing: the next run ends as an undisturbed one would."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantmesh.engine.events import Command
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.resource import OperationType, Snapshot
from tests.engine.fakes import Cloud, Thing
from tests.engine.harness import Stack


@dataclass
class Killer:
    """At the chosen call keeps what a kill at that moment leaves: the state, and what really exists."""

    stack: Stack
    at: int
    seen: int = 0
    left: tuple[Snapshot, dict[str, object], dict[str, str]] | None = None

    def __call__(self, _call: str, _name: str) -> None:
        cloud = self.stack.cloud
        with cloud.lock:
            self.seen += 1
            if self.seen == self.at:
                self.left = (self.stack.store.state(), deepcopy(cloud.things), dict(cloud.names))


def killed(stack: Stack, run: Callable[[], object], at: int, *, when: str) -> bool:
    """Do `run` and go back to the moment of the kill; False when the run had ended before."""
    killer = Killer(stack, at)
    setattr(stack.cloud, when, killer)
    run()
    setattr(stack.cloud, when, lambda _call, _name: None)
    if killer.left is None:
        return False
    snapshot, stack.cloud.things, stack.cloud.names = killer.left
    stack.store = MemoryStore("project", "dev", snapshot)
    return True


def only(stack: Stack, kind: OperationType) -> None:
    assert [operation.type for operation in stack.store.snapshot.pending] == [kind]


def test_what_a_create_made_before_the_crash_is_taken_over():
    stack = Stack()
    program = lambda: Thing("one", {"size": 1})  # noqa: E731  a program in one line
    assert killed(stack, lambda: stack.up(program), 1, when="after")
    only(stack, OperationType.CREATING)
    assert stack.up(program).ok
    assert list(stack.cloud.things) == [stack.state("one").id]
    assert stack.state("one").inputs == {"size": 1}


def test_a_create_that_had_not_begun_is_done_again():
    stack = Stack()
    program = lambda: Thing("one", {"size": 1})  # noqa: E731  a program in one line
    assert killed(stack, lambda: stack.up(program), 2, when="before")
    only(stack, OperationType.CREATING)
    assert stack.up(program).ok
    assert list(stack.cloud.things) == [stack.state("one").id]


def test_what_a_replacement_made_under_the_id_of_the_old_one_is_taken_over():
    """The old one was deleted for it, so what has its id now is new."""
    stack = Stack()
    stack.up(lambda: Thing("one", {"first": 1, "fixed": "the-one"}))
    program = lambda: Thing("one", {"first": 2, "fixed": "the-one"})  # noqa: E731  a program in one line
    assert killed(stack, lambda: stack.up(program), 2, when="after")
    only(stack, OperationType.CREATING)
    assert stack.up(program).ok
    assert stack.cloud.things == {"the-one": {"first": 2, "fixed": "the-one"}}
    assert stack.state("one").inputs == {"first": 2, "fixed": "the-one"}
    assert not any(state.delete or state.pending_replacement for state in stack.store.state().resources)


@pytest.mark.parametrize(("when", "at"), [("before", 3), ("after", 1)])
def test_an_update_is_finished(when, at):
    stack = Stack()
    stack.up(lambda: Thing("one", {"size": 1}))
    assert killed(stack, lambda: stack.up(lambda: Thing("one", {"size": 2})), at, when=when)
    only(stack, OperationType.UPDATING)
    assert stack.up(lambda: Thing("one", {"size": 2})).ok
    assert list(stack.cloud.things.values()) == [{"size": 2}]
    assert stack.state("one").inputs == {"size": 2}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delete_is_finished(when):
    stack = Stack()
    stack.up(lambda: Thing("one", {"size": 1}))
    assert killed(stack, lambda: stack.command(Command.DESTROY), 1, when=when)
    only(stack, OperationType.DELETING)
    result, _events = stack.command(Command.DESTROY)
    assert result.ok
    assert not stack.cloud.things
    assert not stack.store.snapshot.resources


def test_a_preview_after_a_crash_leaves_the_pending_operations_alone():
    stack = Stack()
    program = lambda: Thing("one", {"size": 1})  # noqa: E731  a program in one line
    assert killed(stack, lambda: stack.up(program), 1, when="after")
    before = stack.store.snapshot
    assert stack.preview(program).ok
    assert stack.store.snapshot == before


@dataclass(frozen=True)
class Wish:
    """One resource of a random program."""

    key: str = "size"
    value: int = 0
    needs: frozenset[int] = frozenset()
    link: str = "from"


@dataclass(frozen=True)
class Wishes:
    """A random program: resources by number; each needs only those with smaller numbers."""

    things: dict[int, Wish] = field(default_factory=dict)

    def __call__(self) -> None:
        made: dict[int, Thing] = {}
        for number, wish in sorted(self.things.items()):
            needs = [made[one] for one in sorted(wish.needs) if one in made]
            links = {f"{wish.link}{index}": one.made for index, one in enumerate(needs[1:])}
            first = {wish.link: needs[0].made} if needs else {}
            made[number] = Thing(f"t{number}", {wish.key: wish.value, **links, **first})

    def expected(self, stack: Stack) -> None:
        """Every resource is there once, as it is wanted, and nothing else."""
        states = {one.urn.rpartition("::")[2]: one for one in stack.store.snapshot.resources if "Thing" in one.type}
        assert set(states) == {f"t{number}" for number in self.things}
        assert set(stack.cloud.things) == {state.id for state in states.values()}
        for number, wish in self.things.items():
            assert stack.cloud.things[states[f"t{number}"].id][wish.key] == wish.value
        assert not stack.store.snapshot.pending


def wishes() -> st.SearchStrategy[Wishes]:
    wish = st.builds(
        Wish,
        key=st.sampled_from(["size", "forces", "first"]),
        value=st.integers(0, 2),
        needs=st.frozensets(st.integers(0, 5), max_size=2),
        link=st.sampled_from(["from", "forces_link", "forces"]),
    )

    def ordered(things: dict[int, Wish]) -> Wishes:
        return Wishes(
            {
                number: Wish(one.key, one.value, frozenset(need for need in one.needs if need < number), one.link)
                for number, one in things.items()
                if one.key != one.link
            }
        )

    return st.dictionaries(st.integers(0, 5), wish, max_size=6).map(ordered)


@settings(max_examples=60)
@given(before=wishes(), after=wishes(), at=st.integers(1, 12), when=st.sampled_from(["before", "after"]))
def test_a_crash_anywhere_leaves_a_state_from_which_the_next_run_ends_well(before, after, at, when):
    stack = Stack(cloud=Cloud())
    assert stack.up(before).ok
    before.expected(stack)
    killed(stack, lambda: stack.up(after), at, when=when)
    result = stack.up(after)
    assert result.ok, result.failures
    after.expected(stack)
    second = stack.up(after)
    assert second.ok
    assert {event.step.op.value for event in second.events if hasattr(event, "step")} <= {"same"}


@settings(max_examples=40)
@given(program=wishes(), at=st.integers(1, 10), when=st.sampled_from(["before", "after"]))
def test_a_crash_while_destroying_leaves_nothing_behind_in_the_end(program, at, when):
    stack = Stack(cloud=Cloud())
    assert stack.up(program).ok
    killed(stack, lambda: stack.command(Command.DESTROY), at, when=when)
    result, _events = stack.command(Command.DESTROY)
    assert result.ok
    assert not stack.cloud.things
    assert not stack.store.snapshot.resources


@settings(max_examples=60)
@given(before=wishes(), after=wishes(), broken=st.sets(st.integers(0, 30), max_size=4), keep_on=st.booleans())
def test_random_failures_leave_a_whole_state_and_the_next_run_ends_well(before, after, broken, keep_on):
    stack = Stack(cloud=Cloud())
    assert stack.up(before).ok
    calls = iter(range(10_000))

    def fail(call: str, _name: str) -> None:
        if next(calls) in broken and call in ("create", "update", "delete", "check", "diff"):
            raise ConnectionError("the line is down")

    stack.cloud.before = fail
    stack.up(after, continue_on_error=keep_on)
    stack.cloud.before = lambda _call, _name: None
    result = stack.up(after)
    assert result.ok, result.failures
    after.expected(stack)
