"""Replaces resources: the new one first, or the old one and its dependents first where there can be only one."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.engine import urn as urns
from tenantmesh.engine.events import Op
from tenantmesh.engine.provider import Created
from tenantmesh.engine.resource import Change, ResourceState
from tenantmesh.engine.steps.books import Task
from tenantmesh.engine.steps.deployment import Condemned, Deployment, StepFailedError
from tenantmesh.engine.steps.diffing import replace_on_changes
from tenantmesh.engine.steps.executor import Executor
from tenantmesh.engine.steps.graph import Graph
from tenantmesh.engine.values import UNKNOWN, Properties, reveal


class Replacement(Struct, frozen=True, kw_only=True):
    """A resource that is to be deleted before its successor is made."""

    task: Task
    old: ResourceState
    new: ResourceState


class Replacer:
    """Knows which old resources are condemned, and carries replacements out step by step."""

    def __init__(self, deployment: Deployment, executor: Executor) -> None:
        self._deployment = deployment
        self._executor = executor
        self._graph: Graph | None = None

    def is_condemned(self, urn: str) -> bool:
        """Whether the old resource is deleted for a replacement of something that it depends on."""
        return self._old_urn(urn) in self._deployment.condemned

    def supplant(self, task: Task, old: ResourceState, new: ResourceState) -> ResourceState:
        """Make the new one; the old one is deleted when everything else is done."""
        state = self._executor.create(replace(task, new=new), new, pend=old)
        self._executor.note(replace(task, op=Op.REPLACE, new=state))
        return state

    def pend(self, old: ResourceState) -> None:
        """Mark an old record to be deleted when everything else is done."""
        self._deployment.ledger.record(Change(put=self._deployment.outdate(old, delete=True)))

    def recreate(self, task: Task, new: ResourceState) -> ResourceState:
        """Make a resource again that was deleted for the replacement of another one."""
        deployment = self._deployment
        with deployment.lock:
            deployment.decided.add(new.urn)
            deployment.replaced.add(new.urn)
            condemned = deployment.condemned[self._old_urn(new.urn)]
        condemned.done.wait()
        deployment.go_on()
        if condemned.failed:
            raise StepFailedError(new.urn)
        return self._make_again(task, new)

    def delete_first(self, replacement: Replacement) -> ResourceState:
        """Delete what depends on the old one, then the old one, and make the new one."""
        old, task = replacement.old, replacement.task
        with self._deployment.lock:
            dependents = self._dependents(old)
            self._refuse_protected(old, dependents)
            entries = [self._condemn(one) for one in dependents]
            own = self._condemn(old)
        try:
            for dependent, entry in zip(reversed(dependents), reversed(entries), strict=True):
                self._delete(dependent)
                entry.done.set()
            if not old.pending_replacement:
                self._delete(old)
        except BaseException:
            for entry in (*entries, own):
                entry.failed = entry.failed or not entry.done.is_set()
            raise
        finally:
            for entry in (*entries, own):
                entry.done.set()
        return self._make_again(task, replacement.new)

    def _make_again(self, task: Task, new: ResourceState) -> ResourceState:
        old = task.old
        drop = (old.key,) if old else ()
        self._executor.note(replace(task, op=Op.REPLACE, new=new))
        state = self._executor.create(replace(task, new=new), new, drop=drop)
        self._deployment.dropped.update(drop)
        return state

    def _delete(self, old: ResourceState) -> None:
        deployment = self._deployment
        provider = deployment.providers.manager(old.type, old.provider) if old.custom else None
        marked = replace(old, pending_replacement=True)
        task = Task(op=Op.DELETE_REPLACED, provider=provider, old=old)
        self._executor.delete(task, old, spare=self.spared(old), change=Change(put=marked))
        deployment.outdated[old.key] = marked

    def spared(self, old: ResourceState) -> bool:
        """Whether the thing itself stays, or goes with another one."""
        goes_along = old.deleted_with in self._deployment.condemned
        return old.external or old.retain_on_delete or goes_along or urns.is_provider(old.type)

    def _condemn(self, old: ResourceState) -> Condemned:
        return self._deployment.condemned.setdefault(old.urn, Condemned())

    def _refuse_protected(self, old: ResourceState, dependents: Iterable[ResourceState]) -> None:
        for dependent in dependents:
            if dependent.protect:
                self._deployment.reporter.error(
                    f"resource {dependent.urn!r} has to be replaced together with {old.urn!r} but is protected; "
                    f"remove `protect` from it and run up first",
                    old.urn,
                )
                self._deployment.fail()
                raise StepFailedError(old.urn)

    def _dependents(self, root: ResourceState) -> list[ResourceState]:
        """The old resources that can't outlive `root`, dependencies before dependents."""
        deployment = self._deployment
        if self._graph is None:
            self._graph = Graph(deployment.base)
        replaced = {root.urn}
        doomed: list[ResourceState] = []
        for state in self._graph.dependents(root):
            urn = deployment.aliased.get(state.urn, state.urn)
            if urn in deployment.decided or state.urn in deployment.condemned or state.delete:
                continue
            if state.pending_replacement or not self._falls(state, replaced):
                continue
            replaced.add(state.urn)
            doomed.append(state)
        return doomed

    def _falls(self, state: ResourceState, replaced: set[str]) -> bool:
        """Whether a resource has to be replaced when those in `replaced` are."""
        if not replaced.isdisjoint(state.replace_with) or state.deleted_with in replaced:
            return True
        if not state.custom or state.external:
            return False
        if urns.split_reference(state.provider)[0] in replaced:
            return True
        inputs = _without(state, replaced)
        if inputs is None:
            return False
        provider = self._deployment.providers.manager(state.type, state.provider)
        before = Created(id=state.id, outputs=reveal(state.outputs))
        resource = self._deployment.resource(state)
        diff = provider.diff(resource, state.id, before, reveal(state.inputs), reveal(inputs))
        diff = replace_on_changes(diff, state.replace_on_changes, init_errors=False)
        return diff.changes and bool(diff.replaces)

    def _old_urn(self, urn: str) -> str:
        return self._deployment.aliases.get(urn, urn)


def _without(state: ResourceState, replaced: set[str]) -> Properties | None:
    """The inputs with those unknown that come from a replaced resource; None when there is no such input."""
    found = {key for key, urns_ in state.property_dependencies.items() if not replaced.isdisjoint(urns_)}
    if found.isdisjoint(state.inputs):
        return None
    return {key: UNKNOWN if key in found else value for key, value in state.inputs.items()}
