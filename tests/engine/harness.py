"""Runs programs against the fake provider, in this process, and checks the state that they leave."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from tenantmesh.engine.conductor import Run, RunResult
from tenantmesh.engine.evaluate import Evaluation, evaluate
from tenantmesh.engine.events import Command, Event, Op
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.program import ProgramRunner
from tenantmesh.engine.resource import ResourceState, Snapshot
from tenantmesh.engine.steps.graph import dependencies
from tests.engine.fakes import Cloud, FakeSource, ops


@dataclass
class Stack:
    """One stack that goes from run to run."""

    cloud: Cloud = field(default_factory=Cloud)
    store: MemoryStore = field(default_factory=lambda: MemoryStore("project", "dev"))
    config: dict[str, str] = field(default_factory=dict)
    secret_keys: frozenset[str] = frozenset()
    options: RunOptions = field(default_factory=lambda: RunOptions(skip_preview=True))

    def up(self, program: Callable[[], Any], **options: Any) -> Evaluation:
        """Deploy, and reopen the stack for the next run."""
        return self._run(program, preview=False, options=replace(self.options, **options))

    def preview(self, program: Callable[[], Any], **options: Any) -> Evaluation:
        """What `up` would do."""
        return self._run(program, preview=True, options=replace(self.options, **options))

    def inspect(self, program: ProgramRunner) -> RunResult:
        """A preview of something that is not a function."""
        run = Run(
            store=self.store,
            config=Config(self.config, self.secret_keys),
            program=program,
            providers=FakeSource(self.cloud),
            sink=lambda _event: None,
            options=self.options,
        )
        return run.execute(Command.PREVIEW)

    def command(self, command: Command, **options: Any) -> tuple[RunResult, list[Event]]:
        """Run a command that needs no program."""
        events: list[Event] = []
        run = Run(
            store=self.store,
            config=Config(self.config, self.secret_keys),
            program=None,
            providers=FakeSource(self.cloud),
            sink=events.append,
            options=replace(self.options, **options),
        )
        try:
            return run.execute(command), events
        finally:
            self.reopen()

    def reopen(self) -> None:
        """What the next run finds; the state has to be whole."""
        self.store = self.store.reopened()
        check_whole(self.store.snapshot)

    def state(self, name: str) -> ResourceState:
        """The one record of a resource by its name."""
        (found,) = [one for one in self.store.snapshot.resources if one.urn.endswith(f"::{name}")]
        return found

    def names(self) -> list[str]:
        """The names of all resources but the stack and providers, in their order."""
        states = self.store.snapshot.resources
        return [state.urn.rpartition("::")[2] for state in states if not state.type.startswith("pulumi:")]

    def _run(self, program: Callable[[], Any], *, preview: bool, options: RunOptions) -> Evaluation:
        try:
            return evaluate(
                program,
                preview=preview,
                providers=FakeSource(self.cloud),
                store=self.store,
                config=self.config,
                secret_keys=self.secret_keys,
                options=options,
            )
        finally:
            self.reopen()


def check_whole(snapshot: Snapshot) -> None:
    """Everything that a record depends on stands before it; no two live records share a URN."""
    seen: set[str] = set()
    live: set[str] = set()
    for state in snapshot.resources:
        missing = dependencies(state) - seen
        assert not missing, f"{state.urn} stands before {missing}"
        seen.add(state.urn)
        if not state.delete:
            assert state.urn not in live, f"two records of {state.urn}"
            live.add(state.urn)


def done(result: Evaluation) -> dict[str, list[Op]]:
    """What a successful run did to each resource by name."""
    assert result.ok, result.failures
    return ops(result.events)
