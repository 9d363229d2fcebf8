"""What goes on and what stops when something fails, and that secrets stay out of messages."""

import asyncio

import pulumi
import pytest

from tenantmesh.engine.events import Command, Op, StepFailed
from tests.engine.fakes import Thing, ops
from tests.engine.harness import Stack, done


def test_after_a_failed_step_nothing_new_is_begun_and_nothing_is_deleted():
    def program() -> None:
        broken = Thing("one", {"broken": "glass"})
        Thing("two", {"from": broken.made})

    stack = Stack()
    stack.up(lambda: Thing("old"))
    result = stack.up(program)
    assert not result.ok
    assert "can't make it with glass" in result.failures
    assert stack.names() == ["old"]


def test_with_continue_on_error_only_what_depends_on_the_failure_is_held_back():
    def program() -> None:
        broken = Thing("one", {"broken": "glass"})
        Thing("two", {"from": broken.made})
        Thing("three")

    stack = Stack()
    result = stack.up(program, continue_on_error=True)
    assert not result.ok
    assert "three" in stack.names()
    assert "one" not in stack.names()
    assert "two" not in stack.names()


def test_a_program_that_fails_deletes_nothing_and_keeps_what_it_made():
    def program() -> None:
        Thing("new")
        raise ValueError("too bad")

    stack = Stack()
    stack.up(lambda: Thing("old"))
    result = stack.up(program)
    assert not result.ok
    assert any("too bad" in message for message in result.failures)
    assert stack.names() == ["new", "old"]


def test_up_deploys_nothing_when_the_preview_fails():
    stack = Stack()
    result = stack.up(lambda: Thing("one", {"bad": "apple"}), skip_preview=False)
    assert not result.ok
    assert "bad: is apple" in result.failures
    assert not stack.store.snapshot.resources


def test_stack_outputs_of_before_stay_when_a_run_fails():
    def program() -> None:
        pulumi.export("new", 2)
        raise ValueError("too bad")

    stack = Stack()
    stack.up(lambda: pulumi.export("old", 1))
    result = stack.up(program)
    assert not result.ok
    assert result.outputs == {"old": 1, "new": 2}


def test_a_name_can_be_used_once_only():
    def program() -> None:
        Thing("one")
        Thing("one")

    result = Stack().up(program)
    assert not result.ok
    assert "duplicate resource URN" in result.failures[0]


def test_a_resource_that_is_not_ready_is_kept_and_tried_again():
    stack = Stack()
    result = stack.up(lambda: Thing("one", {"unready": True}))
    assert not result.ok
    assert "still waiting" in result.failures[0]
    assert stack.state("one").init_errors == ("still waiting",)
    result = stack.up(lambda: Thing("one", {"unready": True}))
    assert done(result) == {"one": [Op.UPDATE]}
    assert stack.state("one").init_errors == ()


def test_a_replacement_that_is_not_ready_leaves_one_live_record():
    stack = Stack()
    stack.up(lambda: Thing("one", {"forces": 1}))
    assert not stack.up(lambda: Thing("one", {"forces": 2, "unready": True})).ok
    live = [state for state in stack.store.snapshot.resources if state.urn.endswith("::one") and not state.delete]
    assert len(live) == 1
    assert live[0].inputs["forces"] == 2


def test_a_failed_delete_holds_back_what_it_depends_on_only():
    def program() -> None:
        first = Thing("one")
        Thing("two", {"stuck": True, "from": first.made})
        Thing("three")

    stack = Stack()
    stack.up(program)
    result, events = stack.command(Command.DESTROY)
    assert not result.ok
    failed = [event for event in events if isinstance(event, StepFailed)]
    assert [event.step.name for event in failed] == ["two"]
    assert {"one", "two"} <= set(stack.names())
    assert "one" not in ops(events)


@pytest.mark.parametrize("where", ["check", "create"])
def test_secret_values_are_struck_out_of_messages(where):
    key = "bad" if where == "check" else "broken"
    stack = Stack(config={"project:token": "open sesame"}, secret_keys=frozenset({"project:token"}))

    def program() -> None:
        Thing("one", {key: pulumi.Output.secret("hidden treasure")})

    result = stack.up(program)
    assert not result.ok
    assert "[secret]" in result.failures[0]
    assert "treasure" not in repr(result.events)


def test_a_secret_of_the_configuration_is_struck_out_of_the_programs_messages():
    stack = Stack(config={"project:token": "open sesame"}, secret_keys=frozenset({"project:token"}))

    def program() -> None:
        pulumi.log.warn(f"the token is {pulumi.Config('project').require('token')}")
        raise ValueError(pulumi.Config("project").require("token"))

    result = stack.up(program)
    assert "open sesame" not in repr(result.events)
    assert "the token is [secret]" in [one.message for one in result.diagnostics]


def test_secrets_in_the_state_are_marked_where_the_program_marked_them():
    def program() -> None:
        data = {"user": "admin", "password": pulumi.Output.secret("hidden treasure")}
        one = Thing("one", {"data": data, "secretive": "by nature"})
        pulumi.export("data", one.__dict__["made"])

    stack = Stack()
    assert stack.up(program).ok
    state = stack.state("one")
    for properties in (state.inputs, state.outputs):
        assert repr(properties["data"]) == "[secret]" or repr(properties["data"]["password"]) == "[secret]"
        assert repr(properties["secretive"]) == "[secret]"
    assert "treasure" not in repr(stack.store.snapshot)
    assert stack.cloud.things[state.id]["data"] == {"user": "admin", "password": "hidden treasure"}


def test_evaluation_inside_a_running_event_loop_works():
    async def outer() -> bool:
        return Stack().up(lambda: Thing("one")).ok

    assert asyncio.run(outer())
