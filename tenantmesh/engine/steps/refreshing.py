"""Brings a state up to date with the world: refresh, and what a crash left unsettled."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tenantmesh.engine import urn as urns
from tenantmesh.engine.events import Op, Severity
from tenantmesh.engine.provider import Created, Found, InitFailedError, Provider
from tenantmesh.engine.resource import Change, ResourceState
from tenantmesh.engine.secrets import mark
from tenantmesh.engine.steps.books import Task, marked
from tenantmesh.engine.steps.deployment import Deployment, StepFailedError, StoppedError
from tenantmesh.engine.steps.diffing import invert
from tenantmesh.engine.steps.executor import Executor
from tenantmesh.engine.steps.graph import dependencies
from tenantmesh.engine.steps.workers import Workers
from tenantmesh.engine.values import reveal


class Refresher:
    """Reads every resource and gives the state as it is in the world."""

    def __init__(self, deployment: Deployment, executor: Executor) -> None:
        self._deployment = deployment
        self._executor = executor

    def refresh(self) -> tuple[ResourceState, ...]:
        """Read all resources side by side; then take the outcome down in the old order."""
        base = self._deployment.base
        with Workers(self._deployment.settings.parallel) as workers:
            futures = [workers.submit(self._one, state) for state in base]
            outcomes = [future.result() for future in futures]
        gone = {state.urn for state, found in zip(base, outcomes, strict=True) if found is None and not state.delete}
        refreshed: list[ResourceState] = []
        for state, found in zip(base, outcomes, strict=True):
            if found is None:
                self._deployment.ledger.record(Change(drop=(state.key,)))
                continue
            kept = _without(found, gone)
            self._deployment.ledger.record(Change(put=kept))
            refreshed.append(kept)
        self._deployment.ledger.rebase()
        return tuple(refreshed)

    def _one(self, state: ResourceState) -> ResourceState | None:
        """The resource as it is; None when it is gone, and as it was when it can't be read."""
        if not state.custom or urns.is_provider(state.type) or state.pending_replacement:
            return state
        try:
            provider = self._deployment.providers.of(state.provider)
            task = Task(op=Op.REFRESH, provider=provider, old=state, new=state)
            found = self._executor.perform(task, lambda: self._read(state, provider))
        except (StepFailedError, StoppedError):
            return state
        if found is None:
            self._executor.note(Task(op=Op.DELETE, provider=provider, old=state))
        elif found is not state:
            self._tell_drift(state, found, provider)
        return found

    def _tell_drift(self, old: ResourceState, new: ResourceState, provider: Provider) -> None:
        """Report a change as the update that it was in the world."""
        before = Created(id=new.id, outputs=reveal(new.outputs))
        resource = self._deployment.resource(new)
        diff = invert(provider.diff(resource, new.id, before, reveal(new.inputs), reveal(old.inputs)))
        if diff.changes:
            self._executor.note(Task(op=Op.UPDATE, provider=provider, old=old, new=new, diff=diff))

    def _read(self, state: ResourceState, provider: Provider) -> ResourceState | None:
        found, reasons = look(state, provider, self._deployment)
        if reasons:
            text = "\n".join(("the resource exists but is not ready", *reasons))
            self._deployment.reporter.say(Severity.WARNING, text, state.urn)
        return None if found is None else adopt(state, found, provider, reasons)


def look(state: ResourceState, provider: Provider, deployment: Deployment) -> tuple[Found | None, tuple[str, ...]]:
    """The resource as its provider finds it now, and why it isn't ready if it isn't."""
    outputs, inputs = reveal(state.outputs), reveal(state.inputs)
    try:
        return provider.read(deployment.resource(state), state.id, outputs, inputs), ()
    except InitFailedError as error:
        found = Found(id=error.result.id, outputs=error.result.outputs, inputs=error.inputs or inputs)
        return found, error.reasons


def adopt(state: ResourceState, found: Found, provider: Provider, reasons: Sequence[str] = ()) -> ResourceState:
    """The record with what was found; the same object when nothing is new."""
    changed = replace(
        state,
        id=found.id or state.id,
        inputs=mark(found.inputs, state.inputs, provider.secret_outputs(state.type)),
        outputs=found.outputs,
        init_errors=tuple(reasons),
    )
    changed = marked(changed, provider)
    return state if changed == state else changed


def _without(state: ResourceState, gone: Iterable[str]) -> ResourceState:
    """The record without dependencies on what is gone."""
    lost = frozenset(gone)
    if lost.isdisjoint(dependencies(state)):
        return state
    return replace(
        state,
        parent="" if state.parent in lost else state.parent,
        dependencies=tuple(urn for urn in state.dependencies if urn not in lost),
        property_dependencies={
            key: tuple(urn for urn in urns_ if urn not in lost) for key, urns_ in state.property_dependencies.items()
        },
        deleted_with="" if state.deleted_with in lost else state.deleted_with,
        replace_with=tuple(urn for urn in state.replace_with if urn not in lost),
    )
