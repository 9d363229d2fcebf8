"""A program is called with nothing of the event loop on its stack, and is in the loop all the same."""

import asyncio
import traceback
from contextvars import ContextVar

import pytest

from tenantmesh.engine.evaluate import evaluate
from tenantmesh.engine.host.fresh_stack import alone

SAID = ContextVar("SAID", default="nothing")


def test_the_stack_has_the_program_and_what_calls_it_alone():
    async def outer():
        return alone(lambda: [frame.name for frame in traceback.extract_stack()])()

    assert asyncio.run(outer()) == ["call", "<lambda>"]


def test_the_program_finds_the_loop_and_the_context_of_its_caller():
    async def outer():
        SAID.set("a word")
        return alone(lambda: (asyncio.get_running_loop(), SAID.get()))() == (asyncio.get_running_loop(), "a word")

    assert asyncio.run(outer())


def test_what_the_program_raises_is_raised_where_it_was_called():
    async def outer():
        with pytest.raises(SystemExit, match="7"):
            alone(lambda: exit_with(7))()

    asyncio.run(outer())


def test_a_failure_shows_the_programs_frames_and_none_of_the_engine():
    def program():
        raise ValueError("wrong")

    (said,) = evaluate(program).failures
    assert "in program" in said
    assert "tenantmesh/engine" not in said


def exit_with(code):
    raise SystemExit(code)
