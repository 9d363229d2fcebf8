"""What a program asks for when it registers or reads a resource, as plain data."""

from collections.abc import Mapping

from msgspec import Struct, field

from tenantmesh.engine import urn as urns
from tenantmesh.engine.resource import CustomTimeouts, ResourceState
from tenantmesh.engine.values import Properties


class Alias(Struct, frozen=True, kw_only=True):
    """An earlier identity: a URN, or what was different of name, type, project, stack and parent."""

    urn: str = ""
    name: str = ""
    type: str = ""
    project: str = ""
    stack: str = ""
    parent: str = ""
    no_parent: bool = False


class Goal(Struct, frozen=True, kw_only=True):
    """A resource as the program wants it, after transforms and with what it inherits from its parent.

    `protect`, `retain_on_delete` and `delete_before_replace` are None where nobody said anything. `read_id` is set when
    the program reads a resource that it does not manage.
    """

    type: str
    name: str
    custom: bool
    parent: str = ""
    properties: Properties = field(default_factory=dict[str, object])
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    provider: str = ""
    aliases: tuple[Alias, ...] = ()
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    hide_diff: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    import_id: str = ""
    read_id: str = ""
    custom_timeouts: CustomTimeouts = field(default_factory=CustomTimeouts)
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    source_position: str = ""
    stack_trace: tuple[str, ...] = ()
    program_line: str = ""

    def references(self) -> frozenset[str]:
        """The URNs of everything that has to be there first."""
        provider = urns.split_reference(self.provider)[0]
        return frozenset({*self.dependencies, *self.replace_with, self.parent, self.deleted_with, provider})

    def draft(self, urn: str, key: int, old: ResourceState | None, alias: str) -> ResourceState:
        """The record as it would be, without id and outputs yet."""
        return ResourceState(
            key=key,
            urn=urn,
            type=self.type,
            custom=self.custom,
            id=self.read_id,
            external=bool(self.read_id),
            inputs=self.properties,
            parent=self.parent,
            protect=bool(self.protect),
            dependencies=self.dependencies,
            provider=self.provider,
            property_dependencies=self.property_dependencies,
            additional_secret_outputs=self.additional_secret_outputs,
            aliases=(alias,) if alias else (),
            custom_timeouts=self.custom_timeouts,
            import_id=self.import_id,
            retain_on_delete=bool(self.retain_on_delete),
            deleted_with=self.deleted_with,
            replace_with=self.replace_with,
            ignore_changes=self.ignore_changes,
            replace_on_changes=self.replace_on_changes,
            hide_diff=self.hide_diff,
            created=old.created if old else "",
            modified=old.modified if old else "",
            source_position=self.source_position,
            stack_trace=self.stack_trace,
            program_line=self.program_line,
            unread=old.unread if old else {},
        )
