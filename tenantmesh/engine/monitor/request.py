"""Reads what the SDK sends when it registers a resource: the messages' fields as plain data, and what is refused."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct, field
from pulumi.runtime.proto import alias_pb2, resource_pb2

from tenantmesh.engine.resource import CustomTimeouts
from tenantmesh.engine.steps.goal import Alias
from tenantmesh.errors import ProgramError, UnsupportedError

Message = Any
"""A protobuf message of the SDK; their stubs name modules that do not exist, so they have no type here."""

_UNSUPPORTED: Final[Mapping[str, str]] = {
    "remote": "remote (multi-language) components",
    "packageRef": "parameterized providers",
    "hooks": "resource hooks",
    "replacement_trigger": "replacement triggers",
    "state_migrations": "state migrations",
    "envVarMappings": "environment variables of providers",
    "pluginChecksums": "plugin checksums",
}
"""Fields of a request that the engine does not serve, and what they are for."""

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")
_SECONDS: Final[Mapping[str, float]] = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def refuse_unsupported(request: Message) -> None:
    """Raises UnsupportedError, naming the feature, when a message asks for more than the engine does."""
    for descriptor, value in request.ListFields():
        feature = _UNSUPPORTED.get(descriptor.name)
        if feature is not None and not (descriptor.name == "hooks" and not value.ListFields()):
            name = getattr(request, "name", "") or getattr(request, "tok", "")
            raise UnsupportedError(f"{name}: {feature} are not supported by this engine; use the Pulumi CLI for them")


class Options(Struct, kw_only=True):
    """The resource options of a request; transforms may give others."""

    depends_on: tuple[str, ...] = ()
    protect: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    version: str = ""
    aliases: tuple[Message, ...] = ()
    provider: str = ""
    providers: dict[str, str] = field(default_factory=dict[str, str])
    custom_timeouts: Message = None
    plugin_download_url: str = ""
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    delete_before_replace: bool | None = None
    additional_secret_outputs: tuple[str, ...] = ()
    hide_diff: tuple[str, ...] = ()
    replace_with: tuple[str, ...] = ()
    import_: str = ""

    @classmethod
    def of_request(cls, request: Message) -> "Options":
        """Those of a RegisterResourceRequest."""
        aliases = tuple(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)
        defined = request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
        return cls(
            depends_on=tuple(request.dependencies),
            protect=_optional(request, "protect"),
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            version=request.version,
            aliases=(*aliases, *request.aliases),
            provider=request.provider,
            providers=dict(request.providers),
            custom_timeouts=_optional(request, "customTimeouts"),
            plugin_download_url=request.pluginDownloadURL,
            retain_on_delete=_optional(request, "retainOnDelete"),
            deleted_with=request.deletedWith,
            delete_before_replace=request.deleteBeforeReplace if defined else None,
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            hide_diff=tuple(request.hideDiffs),
            replace_with=tuple(getattr(request, "replace_with", ())),
            import_=request.importId,
        )

    @classmethod
    def of_message(cls, message: Message) -> "Options":
        """Those of the TransformResourceOptions that a transform gave back."""
        refuse_unsupported(message)
        known = {descriptor.name for descriptor in message.DESCRIPTOR.fields}
        return cls(
            **{name: read(message, name) for name, read in _FIELDS.items() if name in known}, import_=_import(message)
        )

    def to_message(self) -> Message:
        """As TransformResourceOptions, for a transform."""
        message = resource_pb2.TransformResourceOptions()
        known = {descriptor.name for descriptor in message.DESCRIPTOR.fields}
        values = {name: getattr(self, name) for name in _FIELDS if name in known}
        values["import"] = self.import_
        return resource_pb2.TransformResourceOptions(
            **{key: value for key, value in values.items() if value is not None}
        )


def _optional(message: Message, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def _import(message: Message) -> str:
    return getattr(message, "import")


def _single(message: Message, name: str) -> Any:
    return getattr(message, name)


def _many(message: Message, name: str) -> tuple[Any, ...]:
    return tuple(getattr(message, name))


def _mapping(message: Message, name: str) -> dict[str, str]:
    return dict(getattr(message, name))


_FIELDS: Final[Mapping[str, Callable[[Message, str], Any]]] = {
    "depends_on": _many,
    "protect": _optional,
    "ignore_changes": _many,
    "replace_on_changes": _many,
    "version": _single,
    "aliases": _many,
    "provider": _single,
    "providers": _mapping,
    "custom_timeouts": _optional,
    "plugin_download_url": _single,
    "retain_on_delete": _optional,
    "deleted_with": _single,
    "delete_before_replace": _optional,
    "additional_secret_outputs": _many,
    "hide_diff": _many,
    "replace_with": _many,
}
"""How each of the options is read from TransformResourceOptions, where it has the same name."""


def alias(message: Message) -> Alias:
    """An alias as plain data."""
    if message.WhichOneof("alias") != "spec":
        return Alias(urn=message.urn)
    spec = message.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        project=spec.project,
        stack=spec.stack,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


def timeouts(message: Message) -> CustomTimeouts:
    """Custom timeouts in seconds; raises ProgramError for a malformed one."""
    if message is None:
        return CustomTimeouts()
    return CustomTimeouts(
        create=_duration(message.create), update=_duration(message.update), delete=_duration(message.delete)
    )


def _duration(text: str) -> float:
    matches = _DURATION.findall(text)
    if "".join(number + unit for number, unit in matches) != text:
        raise ProgramError(f"{text!r} is not a duration; write it like 5m or 1h30m")
    return sum(float(number) * _SECONDS[unit] for number, unit in matches)
