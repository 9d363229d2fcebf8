"""Does one step: calls the provider, takes it down in the ledger and tells the display."""

from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from msgspec.structs import replace

from tenantmesh.engine.provider import Created, InitFailedError, Provider, Resource
from tenantmesh.engine.resource import Change, OperationType, ResourceState
from tenantmesh.engine.secrets import secret_paths
from tenantmesh.engine.steps.books import Books, Task, marked, stamped, timestamp
from tenantmesh.engine.steps.deployment import Deployment, StepFailedError
from tenantmesh.engine.values import reveal
from tenantmesh.errors import EngineError, ProviderError, StateError


class Executor:
    """Runs tasks; each method returns when its step is over, or raises StepFailedError after it was reported."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._ledger = deployment.ledger
        self._books = Books(deployment)
        self._reporter = deployment.reporter

    def perform(self, task: Task, action: Callable[[], ResourceState | None]) -> ResourceState | None:
        """Do `action` as a step of its own: when there is a free slot, timed and reported."""
        deployment = self._deployment
        step = task.step()
        with deployment.slots:
            deployment.go_on()
            self._reporter.started(step)
            began = monotonic()
            try:
                state = action()
            except EngineError as error:
                self._books.learn(task)
                self._reporter.failed_step(step, str(error))
                deployment.fail()
                raise StepFailedError(step.urn) from error
            except Exception as error:
                self._books.learn(task)
                self._reporter.failed_step(step, f"{type(error).__name__}: {error}")
                deployment.fail()
                raise StepFailedError(step.urn) from error
        self._reporter.done(replace(step, new=state) if state is not None else step, monotonic() - began)
        return state

    def create(
        self, task: Task, new: ResourceState, *, drop: tuple[int, ...] = (), pend: ResourceState | None = None
    ) -> ResourceState:
        """Make a resource; when it is there, the records `drop` go and `pend` is marked to be deleted later."""

        def action() -> ResourceState:
            provider = task.provider
            if provider is None:
                return self._books.keep(stamped(new), drop, pend)
            token = self._books.begin(OperationType.CREATING, new)
            inputs = reveal(new.inputs)
            resource = self._acting(new, new.custom_timeouts.create)
            preview = self._deployment.preview
            return self._settle(
                token, stamped(new), lambda: provider.create(resource, inputs, preview=preview), provider, drop, pend
            )

        return expect(self.perform(task, action))

    def update(self, task: Task, old: ResourceState, new: ResourceState) -> ResourceState:
        """Change a resource in place."""
        drafted = replace(new, id=old.id, modified=timestamp(), created=old.created)

        def action() -> ResourceState:
            provider = task.provider
            if provider is None:
                return self._books.keep(replace(drafted, outputs=old.outputs))
            token = self._books.begin(OperationType.UPDATING, drafted)
            before = Created(id=old.id, outputs=reveal(old.outputs))
            resource = self._acting(new, new.custom_timeouts.update)
            inputs, previous = reveal(new.inputs), reveal(old.inputs)
            preview = self._deployment.preview
            return self._settle(
                token,
                drafted,
                lambda: provider.update(resource, old.id, before, previous, inputs, preview=preview),
                provider,
            )

        return expect(self.perform(task, action))

    def delete(self, task: Task, old: ResourceState, *, spare: bool, change: Change) -> None:
        """Remove a resource, or with `spare` only what is remembered of it; then `change` is taken down."""

        def action() -> None:
            if spare or task.provider is None or self._deployment.preview:
                self._ledger.record(change)
                return
            token = self._books.begin(OperationType.DELETING, old)
            resource = self._acting(old, old.custom_timeouts.delete)
            try:
                task.provider.delete(resource, old.id, reveal(old.outputs), reveal(old.inputs))
            except ProviderError:
                self._books.end(token, old, None)
                raise
            self._books.end(token, old, change)

        self.perform(task, action)

    def same(self, task: Task, old: ResourceState, new: ResourceState) -> ResourceState:
        """Keep a resource as it is; only what the program says about it may be new."""
        kept = replace(new, id=old.id, outputs=old.outputs)
        state = marked(kept, task.provider)
        # The very object tells the ledger that nothing changed. The program's line is of this run alone.
        unchanged = old if state == replace(old, program_line=state.program_line) else state
        self._ledger.record(Change(put=unchanged))
        self._books.know(unchanged)
        self._reporter.done(replace(task, old=old, new=unchanged).step())
        return unchanged

    def note(self, task: Task) -> None:
        """Report a step that has no action of its own."""
        step = task.step()
        self._reporter.started(step)
        self._reporter.done(step)

    def _acting(self, state: ResourceState, timeout: float) -> Resource:
        resource = self._deployment.resource(state)
        return replace(resource, timeout=timeout, secret_inputs=secret_paths(state.inputs))

    def _settle(
        self,
        token: int,
        drafted: ResourceState,
        call: Callable[[], Created],
        provider: Provider,
        drop: tuple[int, ...] = (),
        pend: ResourceState | None = None,
    ) -> ResourceState:
        reasons: tuple[str, ...] = ()
        try:
            created = call()
        except InitFailedError as error:
            created, reasons = error.result, error.reasons
        except ProviderError:
            self._books.end(token, drafted, None)
            raise
        # Any other error leaves the operation pending: whether something was made is found out at the next start.
        state = replace(drafted, id=created.id or drafted.id, outputs=created.outputs, init_errors=reasons)
        state = marked(state, provider)
        self._books.pend(pend)
        self._books.end(token, drafted, Change(put=state, drop=drop))
        self._books.know(state)
        if reasons:
            raise ProviderError("\n".join(("the resource exists but is not ready", *reasons)))
        return state


_T = TypeVar("_T")


def expect(value: _T | None) -> _T:
    """`value`, which can't be None here."""
    if value is None:
        raise StateError("a step came to nothing")
    return value
