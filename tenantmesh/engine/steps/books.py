"""What an executor writes down: operations in the ledger, resources in the deployment, secrets where they belong."""

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.engine import urn as urns
from tenantmesh.engine.events import Op, Step
from tenantmesh.engine.provider import Diff, Provider
from tenantmesh.engine.resource import Change, Operation, OperationType, ResourceState
from tenantmesh.engine.secrets import mark
from tenantmesh.engine.steps.deployment import Deployment
from tenantmesh.errors import StateError


class Task(Struct, frozen=True, kw_only=True):
    """One step to do: what it is called, and the provider that does it (None for a component)."""

    op: Op
    provider: Provider | None
    old: ResourceState | None = None
    new: ResourceState | None = None
    diff: Diff = Diff(changes=False)

    def step(self) -> Step:
        """The step as the display gets it."""
        state = self.new or self.old
        if state is None:
            raise StateError("a step needs a resource")
        return Step(
            op=self.op,
            urn=state.urn,
            type=state.type,
            name=urns.name_of(state.urn),
            parent=state.parent,
            provider=state.provider,
            old=self.old,
            new=self.new,
            replaces=self.diff.replaces,
            changed=self.diff.changed,
            detailed=self.diff.detailed,
        )


class Books:
    """Keeps the ledger and the deployment's view of it in step."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._ledger = deployment.ledger

    def begin(self, kind: OperationType, state: ResourceState) -> int:
        """A provider call starts; what a provider resource does leaves nothing behind and is not taken down."""
        if urns.is_provider(state.type):
            return -1
        return self._ledger.begin(Operation(type=kind, resource=state))

    def end(self, token: int, state: ResourceState, change: Change | None) -> None:
        """The call is over."""
        if not urns.is_provider(state.type):
            self._ledger.end(token, change)
        elif change is not None:
            self._ledger.record(change)

    def keep(
        self, state: ResourceState, drop: tuple[int, ...] = (), pend: ResourceState | None = None
    ) -> ResourceState:
        """A change that took no provider call."""
        self.pend(pend)
        self._ledger.record(Change(put=state, drop=drop))
        return self.know(state)

    def pend(self, old: ResourceState | None) -> None:
        """Mark an old record to be deleted when everything else is done."""
        if old is not None:
            self._ledger.record(Change(put=self._deployment.outdate(old, delete=True)))

    def know(self, state: ResourceState) -> ResourceState:
        """Let the rest of the run see a resource, and know what the program may now say of it."""
        self._deployment.reporter.scrubber.learn(state.outputs)
        self._deployment.news[state.urn] = state
        return state

    def learn(self, task: Task) -> None:
        """Learn the secrets of a step that failed, before its message is shown."""
        for state in (task.old, task.new):
            if state is not None:
                self._deployment.reporter.scrubber.learn({"inputs": state.inputs, "outputs": state.outputs})


def marked(state: ResourceState, provider: Provider | None) -> ResourceState:
    """`state` with everything in its outputs secret that has to be."""
    always = {key for key in state.additional_secret_outputs if key != "id"}
    if provider is not None:
        always |= provider.secret_outputs(state.type)
    # Kubernetes outputs hold a copy of the inputs.
    like = {**state.inputs, "__inputs": state.inputs} if "__inputs" in state.outputs else state.inputs
    outputs = mark(state.outputs, like, always)
    return state if outputs is state.outputs else replace(state, outputs=outputs)


def stamped(state: ResourceState) -> ResourceState:
    """`state` as made now."""
    now = timestamp()
    return replace(state, created=now, modified=now)


def timestamp() -> str:
    """The time now, as a checkpoint spells it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
