"""Conducts the phases of a run: what a crash left, the preview, the question, the deployment."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from tenantmesh.engine.events import Command, Op, RunDone, RunStarted, Severity, Sink
from tenantmesh.engine.memory import Discard
from tenantmesh.engine.monitor.callbacks import Callbacks
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.monitor.monitor import Monitor
from tenantmesh.engine.monitor.registrar import Surroundings
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.positions import SourcePositions
from tenantmesh.engine.program import ProgramRunner
from tenantmesh.engine.registry import ProviderSource
from tenantmesh.engine.reporter import Reporter
from tenantmesh.engine.resource import Change, ResourceState
from tenantmesh.engine.secrets import Scrubber
from tenantmesh.engine.steps import pending
from tenantmesh.engine.steps.attended import attended
from tenantmesh.engine.steps.deletions import Deleter, superfluous
from tenantmesh.engine.steps.deployment import Deployment, Settings, renamed
from tenantmesh.engine.steps.executor import Executor
from tenantmesh.engine.steps.refreshing import Refresher
from tenantmesh.engine.store import Ledger, StackStore
from tenantmesh.engine.values import Properties
from tenantmesh.errors import EngineError, ProgramError
from tenantmesh.garbage import patient_collector


class RunResult(Struct, frozen=True, kw_only=True):
    """How a run ended. `declined` when the user said no after the preview; `counts` are of the last phase.

    `before` is what that phase started from: the state, brought up to date where that was asked for.
    """

    ok: bool
    declined: bool = False
    counts: Mapping[Op, int] = field(default_factory=dict[Op, int])
    outputs: Properties = field(default_factory=dict[str, object])
    resources: tuple[ResourceState, ...] = ()
    before: tuple[ResourceState, ...] = ()


_T = TypeVar("_T")


class Run:
    """One command on one stack."""

    def __init__(
        self,
        *,
        store: StackStore,
        config: Config,
        program: ProgramRunner | None,
        providers: ProviderSource,
        sink: Sink,
        options: RunOptions,
    ) -> None:
        self._store = store
        self._config = config
        self._program = program
        self._providers = providers
        self._sink = sink
        self._options = options
        self._scrubber = Scrubber()
        self._scrubber.learn(config.secrets())
        self._current: Deployment | None = None

    def execute(self, command: Command) -> RunResult:
        """Carry the command out; it can be interrupted by Ctrl-C."""
        base = self._attended(lambda: self._settled(command))
        result = RunResult(ok=True)
        if command is Command.PREVIEW or not self._options.skip_preview:
            result = self._attended(lambda: self._phase(command, base, Discard(base)))
            if command is Command.PREVIEW or not result.ok:
                return result
            if not self._options.confirm(result.counts):
                return replace(result, ok=False, declined=True)
        result = self._attended(lambda: self._phase(command, base, self._store))
        self._store.finish(ok=result.ok, changes=result.counts)
        return result

    def _attended(self, work: Callable[[], _T]) -> _T:
        return attended(work, self._stop, self._kill)

    def _settled(self, command: Command) -> tuple[ResourceState, ...]:
        snapshot = self._store.snapshot
        base = renamed(snapshot.resources)
        for state in (*base, *(operation.resource for operation in snapshot.pending)):
            self._scrubber.learn([state.inputs, state.outputs])
        if not snapshot.pending:
            return base
        ledger = Discard(base) if command is Command.PREVIEW else self._store
        deployment = self._deployment(base, ledger)
        return pending.Settler(deployment).settle(snapshot.pending)

    def _phase(self, command: Command, base: Sequence[ResourceState], ledger: Ledger) -> RunResult:
        deployment = self._deployment(base, ledger)
        reporter, settings = deployment.reporter, deployment.settings
        shown = {
            key: "[secret]" if key in self._config.secret_keys else value for key, value in self._config.values.items()
        }
        reporter.emit(
            RunStarted(
                command=command, preview=settings.preview, project=settings.project, stack=settings.stack, config=shown
            )
        )
        began = monotonic()
        try:
            with patient_collector():
                deployment = _PHASES[command](self, deployment)
        except ProgramError as error:
            if str(error):
                reporter.error(str(error))
            reporter.failed = True
        except EngineError as error:
            reporter.error(str(error))
        ok = not (reporter.failed or deployment.stopped)
        outputs = _finish_outputs(deployment, ok=ok)
        _tidy(deployment)
        counts = Counter(reporter.counts)
        reporter.emit(RunDone(ok=ok, counts=counts, seconds=monotonic() - began, outputs=outputs))
        left = [state for state in deployment.remaining() if state.urn not in deployment.decided or state.delete]
        resources = (*deployment.news.values(), *left)
        return RunResult(ok=ok, counts=counts, outputs=outputs, resources=resources, before=deployment.base)

    def update(self, deployment: Deployment) -> Deployment:
        """Have the program say what it wants, then delete what it no longer has."""
        if self._program is None:
            raise ProgramError("there is no program to run")
        if self._options.refresh:
            deployment = self._again(deployment, Refresher(deployment, Executor(deployment)).refresh())
        surroundings = Surroundings(
            deployment=deployment,
            config=self._config,
            callbacks=Callbacks(),
            positions=SourcePositions(self._options.root, self._options.program),
            organization=self._options.organization,
        )
        monitor = Monitor(surroundings)
        try:
            self._program.run(monitor, surroundings)
        except ProgramError:
            if not deployment.stopped:
                raise
        finally:
            deployment.wait()
            monitor.close()
        # What a failed run no longer mentions may only not have been reached.
        if not (deployment.stopped or deployment.reporter.failed):
            Deleter(deployment, Executor(deployment)).delete(superfluous(deployment))
        return deployment

    def destroy(self, deployment: Deployment) -> Deployment:
        """Delete everything that the state knows; no program is needed."""
        if self._options.refresh:
            deployment = self._again(deployment, Refresher(deployment, Executor(deployment)).refresh())
        Deleter(deployment, Executor(deployment)).delete(deployment.remaining())
        return deployment

    def refresh(self, deployment: Deployment) -> Deployment:
        """Bring the state up to date."""
        refreshed = Refresher(deployment, Executor(deployment)).refresh()
        return self._again(deployment, refreshed)

    def _again(self, deployment: Deployment, base: Sequence[ResourceState]) -> Deployment:
        """A deployment that goes on from another state."""
        again = self._deployment(base, deployment.ledger, deployment.reporter)
        if deployment.stopped:
            again.stop()
        return again

    def _deployment(
        self, base: Sequence[ResourceState], ledger: Ledger, reporter: Reporter | None = None
    ) -> Deployment:
        options = self._options
        settings = Settings(
            project=self._store.project,
            stack=self._store.name,
            preview=isinstance(ledger, Discard),
            parallel=options.parallel,
            continue_on_error=options.continue_on_error,
        )
        reporter = reporter or Reporter(self._sink, self._scrubber)
        deployment = Deployment(settings, base, ledger, reporter, self._providers, options.ambient, options.outputs)
        self._current = deployment
        return deployment

    def _stop(self) -> None:
        if self._current is not None:
            self._current.stop()
            text = "stopping when the steps under way are done; press Ctrl-C again to end at once"
            self._current.reporter.say(Severity.WARNING, text)

    def _kill(self) -> None:
        if self._program is not None:
            self._program.interrupt()


def _finish_outputs(deployment: Deployment, *, ok: bool) -> Properties:
    """Settle the stack's outputs; after a failure the absence of one does not mean that it is to go."""
    state = deployment.news.get(deployment.root)
    if state is None:
        old = deployment.olds.get(deployment.root)
        return old.outputs if old is not None and old.key not in deployment.dropped else {}
    old = deployment.olds.get(deployment.root)
    outputs = deployment.stack_outputs if ok or old is None else {**old.outputs, **deployment.stack_outputs}
    if outputs != state.outputs:
        state = replace(state, outputs=outputs)
        deployment.news[state.urn] = state
        deployment.ledger.record(Change(put=state))
    return outputs


def _tidy(deployment: Deployment) -> None:
    """Turn references to URNs that were taken over, in records that the run did not get to."""
    if not deployment.aliased:
        return
    left = [state for state in deployment.remaining() if state.urn not in deployment.decided]
    left = [state for state in left if deployment.aliased.get(state.urn) not in deployment.decided]
    turned = renamed((*deployment.news.values(), *left))[len(deployment.news) :]
    if list(turned) != left:
        for state in turned:
            deployment.ledger.record(Change(put=state))


_PHASES: Mapping[Command, Callable[[Run, Deployment], Deployment]] = {
    Command.PREVIEW: Run.update,
    Command.UP: Run.update,
    Command.DESTROY: Run.destroy,
    Command.REFRESH: Run.refresh,
}
