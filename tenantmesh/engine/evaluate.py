"""Evaluates a program in this process, for proofs, reports and tests: nothing is deployed unless that is asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tenantmesh.engine.conductor import Run
from tenantmesh.engine.events import Command, Diagnostic, Event, StepFailed
from tenantmesh.engine.inprocess import InProcessProgram, Program
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.positions import readable
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.registry import ProviderSource
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.urn import is_provider, package_of
from tenantmesh.engine.values import Properties
from tenantmesh.manifest import Manifest, ManifestObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a program makes. `manifest` holds its Kubernetes objects; secrets in them are `Secret`s."""

    ok: bool
    resources: tuple[ResourceState, ...]
    outputs: Properties
    events: tuple[Event, ...] = field(repr=False, default=())

    @property
    def manifest(self) -> Manifest:
        """The Kubernetes objects among the resources, with where the program made them."""
        return objects(self.resources)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the program, providers and the engine had to say."""
        return tuple(event for event in self.events if isinstance(event, Diagnostic))

    @property
    def failures(self) -> tuple[str, ...]:
        """The messages of all that failed."""
        steps = (event.message for event in self.events if isinstance(event, StepFailed))
        errors = (one.message for one in self.diagnostics if one.severity == "error")
        return (*steps, *errors)


def evaluate(
    program: Program,
    *,
    project: str = "project",
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    secret_keys: Iterable[str] = (),
    preview: bool = True,
    providers: ProviderSource | None = None,
    store: MemoryStore | None = None,
    options: RunOptions | None = None,
    root: Path | None = None,
) -> Evaluation:
    """Run `program` and give what it makes; `config` has full keys (`project:key`).

    With `preview` nothing is deployed and outputs may be unknown; without it the providers deploy into `store`. The
    built-in providers are told to stay offline unless `options` says otherwise. Errors are in the result, not raised.
    """
    events: list[Event] = []
    ambient = Ambient(project=project, stack=stack, offline=True)
    run = Run(
        store=store or MemoryStore(project, stack),
        config=Config(dict(config or {}), frozenset(secret_keys)),
        program=InProcessProgram(program, root),
        providers=providers or BuiltInProviders(),
        sink=events.append,
        options=options or RunOptions(ambient=ambient, skip_preview=True, root=root or Path.cwd()),
    )
    result = run.execute(Command.PREVIEW if preview else Command.UP)
    return Evaluation(ok=result.ok, resources=result.resources, outputs=result.outputs, events=tuple(events))


def objects(resources: Iterable[ResourceState]) -> Manifest:
    """The Kubernetes objects among `resources`, with where the program made them."""
    return Manifest.of(_object(state) for state in resources if _is_object(state))


def _is_object(state: ResourceState) -> bool:
    return (
        state.custom
        and not is_provider(state.type)
        and package_of(state.type) == "kubernetes"
        and "kind" in state.inputs
    )


def _object(state: ResourceState) -> ManifestObject:
    return ManifestObject(
        body=state.inputs, urn=state.urn, source=state.program_line or readable(state.source_position)
    )
