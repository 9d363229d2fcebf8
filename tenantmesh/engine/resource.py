"""The state that a stack remembers: resources, pending operations and the snapshot of both.

The fields are those of a Pulumi checkpoint's ResourceV3 (sdk/go/common/apitype/core.go), spelled in Python; the backend
translates them.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from tenantmesh.engine.values import Properties


class CustomTimeouts(Struct, frozen=True, kw_only=True):
    """How long a create, update or delete may take, in seconds; 0 means the provider's default."""

    create: float = 0
    update: float = 0
    delete: float = 0


class ResourceState(Struct, frozen=True, kw_only=True):
    """What is remembered of one resource.

    `key` tells records apart within one loaded snapshot and one run (a replaced resource has two records with one URN);
    it is not stored. `delete` marks a replaced record that is still to be deleted. `provider` is `urn::id` of the
    provider resource. `inputs` and `outputs` hold `Secret`s in the clear; the backend encrypts them.
    """

    key: int
    urn: str
    type: str
    custom: bool
    id: str = ""
    delete: bool = False
    inputs: Properties = field(default_factory=dict[str, object])
    outputs: Properties = field(default_factory=dict[str, object])
    parent: str = ""
    protect: bool = False
    taint: bool = False
    external: bool = False
    dependencies: tuple[str, ...] = ()
    init_errors: tuple[str, ...] = ()
    provider: str = ""
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    pending_replacement: bool = False
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: CustomTimeouts = field(default_factory=CustomTimeouts)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    hide_diff: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: tuple[str, ...] = ()
    program_line: str = ""
    """`path:line` of the program that led to it in this run, the path relative to the project; it is not stored."""
    unread: Mapping[str, object] = field(default_factory=dict[str, object])
    """Fields of the checkpoint that the engine does not use, kept so that nothing is lost when it is written back."""


class OperationType(StrEnum):
    """What was under way, spelled as in a checkpoint's pending operations."""

    CREATING = "creating"
    UPDATING = "updating"
    DELETING = "deleting"
    READING = "reading"
    IMPORTING = "importing"


class Operation(Struct, frozen=True, kw_only=True):
    """A provider call that was begun and not yet ended, with the resource as it would be."""

    type: OperationType
    resource: ResourceState


class Snapshot(Struct, frozen=True, kw_only=True):
    """A stack's state: resources with dependencies before dependents, and operations that a crash left pending."""

    resources: tuple[ResourceState, ...] = ()
    pending: tuple[Operation, ...] = ()


class Change(Struct, frozen=True, kw_only=True):
    """One step's effect on the snapshot: records to drop by key, then one record to put (in place of the same key)."""

    put: ResourceState | None = None
    drop: tuple[int, ...] = ()
