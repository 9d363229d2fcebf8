"""A program in its own interpreter, with the random provider and the file backend."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tenantmesh.engine.backend import Access, FileBackend, Passphrase
from tenantmesh.engine.conductor import Run
from tenantmesh.engine.events import Command, Diagnostic, Event, Severity, StepDone
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.program import ChildProgram
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.run import RunResult, run
from tenantmesh.engine.store import StackStore
from tenantmesh.engine.values import Secret, reveal
from tests.engine.fakes import Cloud, FakeSource

TOKEN = "a token to hide"


@dataclass
class Place:
    """A project with a backend of its own in a temporary folder."""

    folder: Path
    events: list[Event] = field(default_factory=list)

    @contextmanager
    def opened(self, access: Access = Access.WRITE) -> Iterator[StackStore]:
        environment = {"PULUMI_CONFIG_PASSPHRASE": "correct horse"}
        backend = FileBackend.open(f"file://{self.folder / 'state'}", environment=environment)
        if "dev" not in backend.stacks("boxes"):
            backend.create("boxes", "dev")
        with backend.open_stack("boxes", "dev", Passphrase(environment), access=access) as store:
            yield store

    def run(self, command: Command, **config: str) -> RunResult:
        project = Project.load(self.folder)
        values = {"boxes:token": TOKEN, **{f"boxes:{key}": value for key, value in config.items()}}
        stack_config = StackConfig(
            file=self.folder / "Pulumi.dev.yaml",
            salt="",
            stored={},
            values=values,
            secret_keys=frozenset({"boxes:token"}),
        )
        self.events.clear()
        with self.opened() as store:
            return run(
                command,
                project=project,
                store=store,
                config=stack_config,
                program=ChildProgram(main=project.program, root=project.folder),
                providers=BuiltInProviders(),
                sink=self.events.append,
                options=RunOptions(),
            )

    def done(self) -> set[tuple[str, str]]:
        """What the last phase did, sames left out."""
        steps = [event.step for event in self.events if isinstance(event, StepDone)]
        return {(step.op.value, step.name) for step in steps if step.op != "same"}


@pytest.fixture
def place(tmp_path):
    shutil.copytree(Path(__file__).with_name("child_program"), tmp_path / "project")
    (tmp_path / "project" / "state").mkdir()
    return Place(tmp_path / "project")


def test_a_program_in_its_own_process_goes_the_whole_way(place):
    first = place.run(Command.UP)
    assert first.ok
    assert first.outputs["stack"] == "organization/boxes/dev"
    assert isinstance(first.outputs["password"], Secret)
    assert {("create", "box"), ("create", "pet"), ("create", "password")} <= place.done()

    second = place.run(Command.UP)
    assert second.ok
    assert place.done() == set()
    assert second.outputs == first.outputs

    third = place.run(Command.UP, length="3")
    assert third.ok
    assert reveal(third.outputs["pet"]).count("-") == 2
    assert ("replace", "pet") in place.done()

    assert place.run(Command.REFRESH).ok
    assert place.run(Command.DESTROY).ok
    with place.opened(Access.READ) as store:
        assert store.snapshot.resources == ()


def test_what_the_program_prints_is_shown(place):
    assert place.run(Command.PREVIEW).ok
    messages = [event for event in place.events if isinstance(event, Diagnostic)]
    assert Diagnostic(severity=Severity.INFO, message="printed by the program") in messages
    assert Diagnostic(severity=Severity.WARNING, message="complained by the program") in messages


def test_a_program_that_fails_shows_its_own_traceback(place):
    result = place.run(Command.PREVIEW, fail="true")
    assert not result.ok
    (error,) = [event for event in place.events if isinstance(event, Diagnostic) and event.severity == "error"]
    assert "ValueError: as configured" in error.message
    assert "__main__.py" in error.message
    assert "runpy" not in error.message


def test_source_positions_are_relative_to_the_project(place):
    place.run(Command.UP)
    with place.opened(Access.READ) as store:
        positions = {state.urn.rpartition("::")[2]: state.source_position for state in store.snapshot.resources}
    assert positions["pet"] == "project:///program/__main__.py#16"


def test_the_secret_of_the_configuration_is_nowhere_in_the_clear(place):
    assert place.run(Command.UP).ok
    for path in (place.folder / "state").rglob("*"):
        if path.is_file():
            assert TOKEN not in path.read_text(errors="replace"), path
    assert TOKEN not in repr(place.events)


def test_a_missing_program_is_named(place):
    shutil.rmtree(place.folder / "program")
    result = place.run(Command.PREVIEW)
    assert not result.ok
    assert any("there is no such program" in one.message for one in place.events if isinstance(one, Diagnostic))


def test_the_child_is_gone_after_the_run(place):
    before = children()
    place.run(Command.PREVIEW)
    assert children() <= before


def children() -> set[str]:
    """The pids that this thread has started and that still run, or are not waited for; none where nobody tells."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return set(listed.read_text().split()) if listed.exists() else set()


LEAVING = """
import os, threading, time
import pulumi

def leave():
    while not os.path.exists("begun"):
        time.sleep(0.02)
    os._exit(7)

threading.Thread(target=leave, daemon=True).start()
pulumi.CustomResource("fake:index:Thing", "slow", {})
"""


def test_a_step_under_way_is_awaited_when_the_program_has_ended_already(tmp_path):
    (tmp_path / "__main__.py").write_text(LEAVING)
    cloud = Cloud()

    def linger(call: str, _name: str) -> None:
        """Go on well after the program has left."""
        if call == "create":
            (tmp_path / "begun").touch()
            time.sleep(2)

    cloud.before = linger
    store = MemoryStore()
    run = Run(
        store=store,
        config=Config({}),
        program=ChildProgram(main=tmp_path, root=tmp_path),
        providers=FakeSource(cloud),
        sink=lambda _event: None,
        options=RunOptions(skip_preview=True),
    )
    assert not run.execute(Command.UP).ok
    assert [state.id for state in store.state().resources if "fake:index" in state.type] == list(cloud.things)
    assert len(cloud.things) == 1
    assert not store.state().pending
