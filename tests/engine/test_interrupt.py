"""Ctrl-C: once to stop in good order, twice to end at once."""

import signal
import threading
import time
from pathlib import Path
from threading import Event

import pulumi
import pytest

from tenantmesh.engine.conductor import Run
from tenantmesh.engine.events import Command, Diagnostic
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.program import ChildProgram
from tenantmesh.engine.steps.attended import attended
from tests.engine.fakes import Cloud, FakeSource, Thing
from tests.engine.harness import Stack


@pytest.fixture(autouse=True)
def interruptible():
    """As in a terminal: a shell that puts the tests into the background has them ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press_ctrl_c() -> None:
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def test_the_first_asks_the_work_to_stop_and_waits_for_it():
    stopped = Event()

    def work() -> str:
        press_ctrl_c()
        assert stopped.wait(10)
        return "done in good order"

    assert attended(work, stopped.set, pytest.fail) == "done in good order"


def test_the_second_does_not_wait():
    stopped, killed, never = Event(), Event(), Event()

    def work() -> None:
        press_ctrl_c()
        assert stopped.wait(10)
        press_ctrl_c()
        never.wait(10)

    with pytest.raises(KeyboardInterrupt):
        attended(work, stopped.set, killed.set)
    assert killed.is_set()
    never.set()


def test_a_step_under_way_ends_and_is_remembered_and_no_other_is_begun():
    stack = Stack()

    def press(call: str, _name: str) -> None:
        if call == "create":
            press_ctrl_c()
            time.sleep(0.3)

    def program() -> None:
        first = Thing("one")
        Thing("two", opts=pulumi.ResourceOptions(depends_on=[first]))

    stack.up(lambda: Thing("old"))
    stack.cloud.before = press
    result = stack.up(program)
    assert not result.ok
    assert stack.names() == ["one", "old"]
    assert len(stack.cloud.things) == 2
    assert not stack.store.snapshot.pending


def test_a_program_that_hangs_is_killed(tmp_path):
    (tmp_path / "__main__.py").write_text('import time\nprint("started", flush=True)\ntime.sleep(60)\n')
    program = ChildProgram(main=tmp_path, root=tmp_path)

    def press(event: object) -> None:
        # First when the program has started, then when the engine says that it stops.
        if isinstance(event, Diagnostic):
            press_ctrl_c()

    run = Run(
        store=MemoryStore(),
        config=Config({}),
        program=program,
        providers=FakeSource(Cloud()),
        sink=press,
        options=RunOptions(root=Path(tmp_path)),
    )
    with pytest.raises(KeyboardInterrupt):
        run.execute(Command.PREVIEW)
    assert program.ended()
