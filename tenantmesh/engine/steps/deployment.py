"""What one preview or one deployment works on: the old state, what the program said so far, and who is stopped."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore, Condition, Event, RLock

from msgspec import Struct, field
from msgspec.structs import replace

from tenantmesh.engine import urn as urns
from tenantmesh.engine.builtin import BuiltinProvider, Outputs
from tenantmesh.engine.provider import Ambient, Resource
from tenantmesh.engine.registry import ProviderRegistry, ProviderSource
from tenantmesh.engine.reporter import Reporter
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.store import Ledger
from tenantmesh.engine.values import Properties
from tenantmesh.errors import EngineError


class StoppedError(EngineError):
    """The run is being stopped, by a failure or by the user, so nothing new is begun."""


class StepFailedError(EngineError):
    """A step failed; it was reported already."""


class Settings(Struct, frozen=True, kw_only=True):
    """How a deployment goes about it. `parallel` limits the provider calls at one time."""

    project: str
    stack: str
    preview: bool
    parallel: int = 16
    continue_on_error: bool = False


class Condemned(Struct):
    """A resource that is deleted because one that it depends on is replaced; `done` is set when that is over."""

    done: Event = field(default_factory=Event)
    failed: bool = False


class Deployment:
    """Shared by all threads of a run; whoever reads and then changes one of the dicts holds `lock`."""

    def __init__(
        self,
        settings: Settings,
        base: Iterable[ResourceState],
        ledger: Ledger,
        reporter: Reporter,
        source: ProviderSource,
        ambient: Ambient,
        outputs: Outputs,
    ) -> None:
        self.settings = settings
        self.base = tuple(base)
        self.ledger = ledger
        self.reporter = reporter
        self.lock = RLock()
        self.slots = BoundedSemaphore(max(1, settings.parallel))
        self.olds = {state.urn: state for state in self.base if not state.delete}
        self.providers = ProviderRegistry(source, ambient, self._remembered, BuiltinProvider(outputs, self.lookup))
        self.news: dict[str, ResourceState] = {}
        self.seen: set[str] = set()
        """URNs that the program has registered or read, also those that are still under way."""
        self.decided: set[str] = set()
        """URNs of which it is settled what happens to them."""
        self.failed: set[str] = set()
        """URNs of resources that failed or were passed over."""
        self.replaced: set[str] = set()
        self.aliased: dict[str, str] = {}
        """Old URN → the URN that took it over."""
        self.aliases: dict[str, str] = {}
        """New URN → the old URN under which it was found."""
        self.condemned: dict[str, Condemned] = {}
        self.outdated: dict[int, ResourceState] = {}
        """Old records by key as they became in this run: replaced, or deleted for a replacement."""
        self.dropped: set[int] = set()
        """Keys of old records that are gone."""
        self.stack_outputs: Properties = {}
        self._stopped = Event()
        self._calm = Condition()
        self._busy = 0
        self._known = {f"{state.urn}::{state.id}": state for state in self.base if urns.is_provider(state.type)}

    @property
    def preview(self) -> bool:
        """Whether nothing real happens."""
        return self.settings.preview

    @property
    def root(self) -> str:
        """The URN of the stack itself."""
        return urns.make(
            self.settings.stack,
            self.settings.project,
            "",
            urns.ROOT_STACK,
            f"{self.settings.project}-{self.settings.stack}",
        )

    def lookup(self, urn: str) -> ResourceState | None:
        """A resource of this run."""
        return self.news.get(urn)

    def stop(self) -> None:
        """Begin nothing new; what is under way goes on."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether nothing new is begun."""
        return self._stopped.is_set()

    def go_on(self) -> None:
        """Raises StoppedError when nothing new is to be begun."""
        if self._stopped.is_set():
            raise StoppedError("the run is being stopped")

    @contextmanager
    def busy(self) -> Generator[None]:
        """Something of the program's is being done; the run does not end before that is over."""
        with self._calm:
            self._busy += 1
        try:
            yield
        finally:
            with self._calm:
                self._busy -= 1
                self._calm.notify_all()

    def wait(self) -> None:
        """Wait for what is under way; the program may have ended before it."""
        with self._calm:
            self._calm.wait_for(lambda: self._busy == 0)

    def fail(self) -> None:
        """A step failed: unless failures are to be passed over, nothing new is begun."""
        self.reporter.failed = True
        if not self.settings.continue_on_error:
            self.stop()

    def resource(self, state: ResourceState) -> Resource:
        """Whose operation it is, as a provider wants to know it."""
        urn, reporter = state.urn, self.reporter
        return Resource(
            urn=urn,
            type=state.type,
            name=urns.name_of(urn),
            status=lambda message: reporter.status(urn, message),
            ignore_changes=state.ignore_changes,
        )

    def remaining(self) -> tuple[ResourceState, ...]:
        """The old records that are still there, as they are now, in their old order."""
        return tuple(self.outdated.get(state.key, state) for state in self.base if state.key not in self.dropped)

    def outdate(self, old: ResourceState, **changes: bool) -> ResourceState:
        """Remember that an old record is marked, as with `delete=True`."""
        marked = replace(old, **changes)
        self.outdated[old.key] = marked
        return marked

    def _remembered(self, reference: str) -> ResourceState | None:
        return self._known.get(reference)


def renamed(states: Iterable[ResourceState]) -> tuple[ResourceState, ...]:
    """`states` with references to a URN that was taken over by an alias turned to its new URN.

    A run that ended early leaves such references behind (pkg/resource/deploy/snapshot.go: NormalizeURNReferences).
    """
    states = tuple(states)
    alive = {state.urn for state in states}
    names = {old: state.urn for state in states for old in state.aliases if old not in alive}
    return tuple(_rename(state, names) for state in states) if names else states


def _rename(state: ResourceState, names: Mapping[str, str]) -> ResourceState:
    provider, identifier = urns.split_reference(state.provider)
    return replace(
        state,
        parent=names.get(state.parent, state.parent),
        dependencies=tuple(names.get(urn, urn) for urn in state.dependencies),
        property_dependencies={
            key: tuple(names.get(urn, urn) for urn in found) for key, found in state.property_dependencies.items()
        },
        deleted_with=names.get(state.deleted_with, state.deleted_with),
        replace_with=tuple(names.get(urn, urn) for urn in state.replace_with),
        provider=f"{names.get(provider, provider)}::{identifier}" if provider else "",
    )
