"""Resources and pending operations as a checkpoint spells them (ResourceV3 and OperationV2 of apitype/core.go)."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import fields

from tenantmesh.engine.backend.properties import Json, PropertyCodec
from tenantmesh.engine.resource import CustomTimeouts, Operation, OperationType, ResourceState
from tenantmesh.errors import PassphraseError, StateError

_NAMES: Final[dict[str, str]] = {
    # The order is that of ResourceV3, so that files compare well with those of the Pulumi CLI.
    "urn": "urn",
    "custom": "custom",
    "delete": "delete",
    "id": "id",
    "type": "type",
    "inputs": "inputs",
    "outputs": "outputs",
    "parent": "parent",
    "protect": "protect",
    "taint": "taint",
    "external": "external",
    "dependencies": "dependencies",
    "init_errors": "initErrors",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "aliases": "aliases",
    "custom_timeouts": "customTimeouts",
    "import_id": "importID",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "replace_with": "replaceWith",
    "created": "created",
    "modified": "modified",
    "source_position": "sourcePosition",
    "stack_trace": "stackTrace",
    "ignore_changes": "ignoreChanges",
    "hide_diff": "hideDiff",
    "replace_on_changes": "replaceOnChanges",
}
_REQUIRED: Final = frozenset({"urn", "custom", "type"})
_SPELLED: Final = {stored: name for name, stored in _NAMES.items()}
_TIMEOUTS: Final = tuple(field.name for field in fields(CustomTimeouts))


def encode_resource(state: ResourceState, codec: PropertyCodec) -> Json:
    """`state` as a ResourceV3; fields that are empty are left out, as in the files of the Pulumi CLI."""
    record: Json = {}
    for name, stored in _NAMES.items():
        value = _ENCODERS.get(name, _plain)(getattr(state, name), state.urn, codec)
        if value or name in _REQUIRED:
            record[stored] = value
    for stored, value in state.unread.items():
        encoded = codec.encode(value, (state.urn, stored))
        # A field of which only a part is understood, such as customTimeouts, is put together again.
        record[stored] = {**record[stored], **encoded} if stored in record else encoded
    return record


def decode_resource(record: Any, key: int, codec: PropertyCodec) -> ResourceState:
    """The state that a ResourceV3 spells; raises StateError that names the resource and the field."""
    urn = record.get("urn") if isinstance(record, dict) else None
    if not isinstance(urn, str) or not urn:
        raise StateError(f"resource {key - 1}: the field 'urn' is missing")
    known: Json = {}
    unread: Json = {}
    for stored, value in record.items():
        name = _SPELLED.get(stored)
        try:
            if name is None:
                unread[stored] = codec.decode(value, (urn, stored))
            else:
                known[name] = _DECODERS[name](value, urn, codec)
        except PassphraseError:
            raise
        except StateError as error:
            raise StateError(f"resource {urn}: {stored}: {error}") from None
    _check(known, urn)
    _keep_unread_timeouts(record, unread)
    known.setdefault("custom", False)
    return ResourceState(key=key, unread=unread, **known)


def encode_operation(operation: Operation, codec: PropertyCodec) -> Json:
    """`operation` as an OperationV2."""
    return {"resource": encode_resource(operation.resource, codec), "type": operation.type.value}


def decode_operation(record: Any, key: int, codec: PropertyCodec) -> Operation:
    """The operation that an OperationV2 spells."""
    if not isinstance(record, dict) or record.get("type") not in set(OperationType):
        raise StateError(f"pending operation: the type has to be one of {', '.join(OperationType)}")
    return Operation(type=OperationType(record["type"]), resource=decode_resource(record.get("resource"), key, codec))


def _check(known: Json, urn: str) -> None:
    if not known.get("type"):
        raise StateError(f"resource {urn}: the field 'type' is missing")
    if not known.get("custom") and known.get("id"):
        raise StateError(f"resource {urn}: only a custom resource has an id")


def _keep_unread_timeouts(record: Json, unread: Json) -> None:
    rest = {key: value for key, value in (record.get("customTimeouts") or {}).items() if key not in _TIMEOUTS}
    if rest:
        unread["customTimeouts"] = rest


def _plain(value: Any, _urn: str, _codec: PropertyCodec) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _encode_inputs(value: Any, urn: str, codec: PropertyCodec) -> Any:
    return codec.encode(value, (urn, "inputs"))


def _encode_outputs(value: Any, urn: str, codec: PropertyCodec) -> Any:
    return codec.encode(value, (urn, "outputs"))


def _encode_property_dependencies(value: Any, _urn: str, _codec: PropertyCodec) -> Any:
    return {key: list(value[key]) for key in sorted(value)}


def _encode_timeouts(value: CustomTimeouts, _urn: str, _codec: PropertyCodec) -> Any:
    return {name: getattr(value, name) for name in _TIMEOUTS if getattr(value, name)}


def _encode_stack_trace(value: Any, _urn: str, _codec: PropertyCodec) -> Any:
    return [{"sourcePosition": position} if position else {} for position in value]


def _text(value: Any, _urn: str, _codec: PropertyCodec) -> str:
    if not isinstance(value, str):
        raise StateError("has to be a string")
    return value


def _flag(value: Any, _urn: str, _codec: PropertyCodec) -> bool:
    if not isinstance(value, bool):
        raise StateError("has to be true or false")
    return value


def _texts(value: Any, _urn: str, _codec: PropertyCodec) -> tuple[str, ...]:
    items = [] if value is None else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise StateError("has to be a list of strings")
    return tuple(items)


def _decode_inputs(value: Any, urn: str, codec: PropertyCodec) -> Any:
    return codec.decode_object({} if value is None else value, (urn, "inputs"))


def _decode_outputs(value: Any, urn: str, codec: PropertyCodec) -> Any:
    return codec.decode_object({} if value is None else value, (urn, "outputs"))


def _decode_property_dependencies(value: Any, urn: str, codec: PropertyCodec) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise StateError("has to be an object of lists of strings")
    return {key: _texts(item, urn, codec) for key, item in value.items()}


def _decode_timeouts(value: Any, _urn: str, _codec: PropertyCodec) -> CustomTimeouts:
    known: Json = {name: value.get(name, 0) for name in _TIMEOUTS} if isinstance(value, dict) else {"create": None}
    if not all(isinstance(item, int | float) for item in known.values()):
        raise StateError("has to be an object of numbers")
    return CustomTimeouts(**known)


def _decode_stack_trace(value: Any, _urn: str, _codec: PropertyCodec) -> tuple[str, ...]:
    frames: list[Any] = value if isinstance(value, list) else [None]
    if not all(isinstance(frame, dict) and isinstance(frame.get("sourcePosition", ""), str) for frame in frames):
        raise StateError("has to be a list of objects with a sourcePosition")
    return tuple(frame.get("sourcePosition", "") for frame in frames)


_Coder = Callable[[Any, str, PropertyCodec], Any]
_ENCODERS: Final[dict[str, _Coder]] = {
    "inputs": _encode_inputs,
    "outputs": _encode_outputs,
    "property_dependencies": _encode_property_dependencies,
    "custom_timeouts": _encode_timeouts,
    "stack_trace": _encode_stack_trace,
}
_LISTS: Final = (
    "dependencies",
    "init_errors",
    "additional_secret_outputs",
    "aliases",
    "replace_with",
    "ignore_changes",
    "hide_diff",
    "replace_on_changes",
)
_FLAGS: Final = ("custom", "delete", "protect", "taint", "external", "pending_replacement", "retain_on_delete")
_DECODERS: Final[dict[str, _Coder]] = {
    **dict.fromkeys(_NAMES, _text),
    **dict.fromkeys(_LISTS, _texts),
    **dict.fromkeys(_FLAGS, _flag),
    "inputs": _decode_inputs,
    "outputs": _decode_outputs,
    "property_dependencies": _decode_property_dependencies,
    "custom_timeouts": _decode_timeouts,
    "stack_trace": _decode_stack_trace,
}
