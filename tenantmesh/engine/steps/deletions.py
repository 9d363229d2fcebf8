"""Deletes what the program no longer has: dependents before what they depend on, side by side where possible."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from queue import SimpleQueue

from tenantmesh.engine import urn as urns
from tenantmesh.engine.events import Op
from tenantmesh.engine.resource import Change, ResourceState
from tenantmesh.engine.steps.books import Task
from tenantmesh.engine.steps.deployment import Deployment, StepFailedError, StoppedError
from tenantmesh.engine.steps.executor import Executor
from tenantmesh.engine.steps.graph import deletion_order
from tenantmesh.engine.steps.workers import Workers
from tenantmesh.errors import EngineError


def superfluous(deployment: Deployment) -> list[ResourceState]:
    """The old records that are marked to be deleted, or that nothing in this run was decided about."""
    taken = deployment.decided
    aliased = deployment.aliased
    return [state for state in deployment.remaining() if state.delete or aliased.get(state.urn, state.urn) not in taken]


class Deleter:
    """Deletes a set of records, each as soon as what has to go before it is gone."""

    def __init__(self, deployment: Deployment, executor: Executor) -> None:
        self._deployment = deployment
        self._executor = executor

    def delete(self, states: Iterable[ResourceState]) -> None:
        """Delete them all; what a failure holds back stays, and the run is marked as failed."""
        states = list(states)
        going = {state.urn for state in states}
        by_key = {state.key: state for state in states}
        with Workers(self._deployment.settings.parallel) as workers:
            run_in_order(deletion_order(states), lambda key: workers.submit(self._one, by_key[key], going))

    def _one(self, state: ResourceState, going: set[str]) -> bool:
        try:
            self._delete(state, going)
        except (StoppedError, StepFailedError):
            return False
        except EngineError as error:
            # Its provider can't be opened, so nothing was begun.
            self._deployment.reporter.error(str(error), state.urn)
            self._deployment.fail()
            return False
        return True

    def _delete(self, state: ResourceState, going: set[str]) -> None:
        change = Change(drop=(state.key,))
        if state.pending_replacement:
            # It was deleted already, to be made again, and the program does not want it any more.
            self._deployment.ledger.record(change)
            return
        if state.protect and not state.delete:
            self._refuse(state)
        spare = self._spared(state, going)
        provider = None
        if state.custom and not spare and not self._deployment.preview:
            provider = self._deployment.providers.of(state.provider)
        task = Task(op=_op(state), provider=provider, old=state)
        self._executor.delete(task, state, spare=spare, change=change)
        self._deployment.dropped.add(state.key)

    def _refuse(self, state: ResourceState) -> None:
        message = (
            f"resource {state.urn!r} can't be deleted because it is protected; "
            f"remove `protect` from it in the program and run up first"
        )
        step = Task(op=Op.DELETE, provider=None, old=state).step()
        self._deployment.reporter.failed_step(step, message)
        raise StepFailedError(state.urn)

    def _spared(self, state: ResourceState, going: set[str]) -> bool:
        goes_along = state.deleted_with in going or state.deleted_with in self._deployment.replaced
        return state.external or state.retain_on_delete or goes_along or urns.is_provider(state.type)


def _op(state: ResourceState) -> Op:
    if state.external:
        return Op.DISCARD
    return Op.DELETE_REPLACED if state.delete else Op.DELETE


def run_in_order(waits: Mapping[int, set[int]], start: Callable[[int], "Future[bool]"]) -> None:
    """Start each key when all those that it waits for were done well; the others are never started."""
    left = {key: set(found) for key, found in waits.items()}
    waiters: dict[int, list[int]] = {}
    for key, found in left.items():
        for one in found:
            waiters.setdefault(one, []).append(key)
    done: SimpleQueue[tuple[int, Future[bool]]] = SimpleQueue()
    running = 0
    ready = [key for key, found in left.items() if not found]
    while ready or running:
        for key in ready:
            start(key).add_done_callback(lambda future, key=key: done.put((key, future)))
        running += len(ready)
        key, future = done.get()
        running -= 1
        ready = _released(key, waiters, left) if future.result() else []


def _released(key: int, waiters: Mapping[int, list[int]], left: Mapping[int, set[int]]) -> list[int]:
    """The keys that waited for nothing but this one any more."""
    for waiter in waiters.get(key, ()):
        left[waiter].discard(key)
    return [waiter for waiter in waiters.get(key, ()) if not left[waiter]]
