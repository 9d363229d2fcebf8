"""What happens during a run, as data: the display, `--json` and tests read these and nothing else.

Secrets are `Secret` objects still; whoever prints an event conceals them first.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec import Struct, field

from tenantmesh.engine.provider import PropertyDiff
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import Properties


class Command(StrEnum):
    """What kind of run it is."""

    PREVIEW = "preview"
    UP = "up"
    DESTROY = "destroy"
    REFRESH = "refresh"


class Op(StrEnum):
    """What a step does, spelled as in `pulumi preview --json`."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"


class Severity(StrEnum):
    """How bad a diagnostic is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Step(Struct, frozen=True, kw_only=True):
    """One step: `old` and `new` are the resource before and after (None where it does not exist)."""

    op: Op
    urn: str
    type: str
    name: str
    parent: str = ""
    provider: str = ""
    old: ResourceState | None = None
    new: ResourceState | None = None
    replaces: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    detailed: Mapping[str, PropertyDiff] = field(default_factory=dict[str, PropertyDiff])


class RunStarted(Struct, frozen=True, kw_only=True):
    """A run begins. `preview` is true for the preview that `up`, `destroy` and `refresh` make first."""

    command: Command
    preview: bool
    project: str
    stack: str
    config: Mapping[str, str] = field(default_factory=dict[str, str])


class StepStarted(Struct, frozen=True, kw_only=True):
    """A step begins; in a preview nothing real happens."""

    step: Step


class StepDone(Struct, frozen=True, kw_only=True):
    """A step ended well; `step.new` holds the outputs. `seconds` is how long the provider took."""

    step: Step
    seconds: float = 0


class StepFailed(Struct, frozen=True, kw_only=True):
    """A step failed; `message` says why."""

    step: Step
    message: str


class StatusChanged(Struct, frozen=True, kw_only=True):
    """What a running step waits for, in a few words."""

    urn: str
    message: str


class Diagnostic(Struct, frozen=True, kw_only=True):
    """A message from the program, a provider or the engine; `urn` is empty when it belongs to no resource."""

    severity: Severity
    message: str
    urn: str = ""
    ephemeral: bool = False


class RunDone(Struct, frozen=True, kw_only=True):
    """A run ended. `counts` says how many steps of each kind were done; `seconds` is wall-clock time."""

    ok: bool
    counts: Mapping[Op, int]
    seconds: float
    outputs: Properties = field(default_factory=dict[str, object])


Event = RunStarted | StepStarted | StepDone | StepFailed | StatusChanged | Diagnostic | RunDone
Sink = Callable[[Event], None]
"""Takes events in the order in which they happen; it is called from one thread at a time."""
