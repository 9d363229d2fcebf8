"""Settles what a crash left under way, by looking at what is really there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.engine.events import Severity
from tenantmesh.engine.resource import Change, Operation, OperationType, ResourceState
from tenantmesh.engine.steps.deployment import Deployment
from tenantmesh.engine.steps.refreshing import adopt, look
from tenantmesh.engine.values import reveal


class Settled(Struct, frozen=True, kw_only=True):
    """What became of one pending operation, and the sentence that says so."""

    change: Change | None
    message: str


class Settler:
    """Works on the state that the deployment started with."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._states = {state.key: state for state in deployment.base}

    def settle(self, operations: Sequence[Operation]) -> tuple[ResourceState, ...]:
        """Settle all, and give the state after it. Raises ProviderError when a provider can't be asked."""
        ledger = self._deployment.ledger
        # What is found is put after everything that it may depend on.
        for state in self._deployment.base:
            ledger.record(Change(put=state))
        for token, operation in enumerate(operations):
            settled = _WAYS[operation.type](self, operation.resource)
            ledger.end(token, settled.change)
            self._deployment.reporter.say(Severity.INFO, settled.message, operation.resource.urn)
            self._apply(settled.change)
        ledger.rebase()
        return tuple(self._states.values())

    def creating(self, pending: ResourceState) -> Settled:
        """Take over what was made, if it was."""
        provider = self._deployment.providers.of(pending.provider)
        identifier = provider.locate(self._deployment.resource(pending), reveal(pending.inputs))
        mates = [state for state in self._states.values() if state.urn == pending.urn]
        # What is in the state already was made before and is about to be replaced, unless it was deleted to that end.
        if identifier in {state.id for state in mates if not state.pending_replacement}:
            identifier = None
        nothing = Settled(change=None, message="an interrupted create has made nothing")
        if not identifier:
            return nothing
        found, reasons = look(replace(pending, id=identifier), provider, self._deployment)
        if found is None:
            return nothing
        adopted = replace(adopt(pending, found, provider, reasons), inputs=pending.inputs)
        rival = self._live(pending.urn)
        if rival is not None and not rival.pending_replacement:
            change = Change(put=replace(rival, delete=True))
            self._deployment.ledger.record(change)
            self._apply(change)
        record = replace(adopted, key=self._deployment.ledger.next_key())
        gone = tuple(state.key for state in mates if state.pending_replacement)
        return Settled(
            change=Change(put=record, drop=gone), message="an interrupted create has made it; it is taken over"
        )

    def updating(self, pending: ResourceState) -> Settled:
        """Read it again, so that the next diff finds what is missing."""
        old = self._live(pending.urn)
        if old is None:
            return Settled(change=None, message="an interrupted update is of a resource that is not in the state")
        provider = self._deployment.providers.of(old.provider)
        found, reasons = look(old, provider, self._deployment)
        if found is None:
            return Settled(change=Change(drop=(old.key,)), message="it is gone after an interrupted update")
        adopted = adopt(old, found, provider, reasons)
        return Settled(change=Change(put=adopted), message="it was read again after an interrupted update")

    def deleting(self, pending: ResourceState) -> Settled:
        """Forget it if it is gone."""
        old = self._same_record(pending)
        if old is None:
            return Settled(change=None, message="an interrupted delete is of a resource that is not in the state")
        provider = self._deployment.providers.of(old.provider)
        found, _ = look(old, provider, self._deployment)
        if found is None:
            return Settled(change=Change(drop=(old.key,)), message="an interrupted delete has removed it")
        return Settled(change=None, message="an interrupted delete has not removed it")

    def reading(self, pending: ResourceState) -> Settled:
        """Forget it: the program asks again."""
        del pending
        return Settled(change=None, message="an interrupted read has changed nothing")

    def _live(self, urn: str) -> ResourceState | None:
        return next((state for state in self._states.values() if state.urn == urn and not state.delete), None)

    def _same_record(self, pending: ResourceState) -> ResourceState | None:
        same = (state for state in self._states.values() if (state.urn, state.id) == (pending.urn, pending.id))
        return next(same, None)

    def _apply(self, change: Change | None) -> None:
        if change is None:
            return
        for key in change.drop:
            self._states.pop(key, None)
        if change.put is not None:
            self._states[change.put.key] = change.put


_WAYS: Final[Mapping[OperationType, Callable[[Settler, ResourceState], Settled]]] = {
    OperationType.CREATING: Settler.creating,
    OperationType.UPDATING: Settler.updating,
    OperationType.DELETING: Settler.deleting,
    OperationType.READING: Settler.reading,
    OperationType.IMPORTING: Settler.reading,
}
