"""Property values as they travel over gRPC: protobuf Structs, with special objects for what JSON lacks.

The signatures are those of sdk/go/common/resource/sig and sdk/python/lib/pulumi/runtime/rpc.py.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, Struct
from google.protobuf.struct_pb2 import Value as Message

from tenantmesh.engine.values import (
    UNKNOWN,
    Archive,
    Asset,
    Properties,
    ResourceReference,
    Secret,
    Unknown,
    Value,
    has_unknowns,
)
from tenantmesh.errors import UnsupportedError

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a signature that everybody knows, not a password
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_TEXTS: Final = frozenset(
    {
        UNKNOWN_TEXT,  # a string (Python sends this one whatever the type)
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # an array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)

Dependencies = set[str]
"""The URNs that a decoded value depends on, collected from the output values in it."""


def decode(message: Struct, dependencies: Mapping[str, Dependencies] | None = None) -> Properties:
    """The properties in a Struct; what output values say about dependencies goes into `dependencies` by property."""
    found: Dependencies = set()
    decoded: Properties = {}
    for key, item in message.fields.items():
        decoded[key] = _value(item, found)
        if found:
            if dependencies is not None:
                dependencies[key].update(found)
            found.clear()
    return decoded


def _value(message: Message, found: Dependencies) -> Value:
    kind = message.WhichOneof("kind")
    if kind == "string_value":
        text = message.string_value
        return UNKNOWN if text in UNKNOWN_TEXTS else text
    if kind == "struct_value":
        fields = message.struct_value.fields
        if SIGNATURE in fields:
            return _special(fields, found)
        return {key: _value(item, found) for key, item in fields.items()}
    if kind == "list_value":
        return [_value(item, found) for item in message.list_value.values]
    if kind == "number_value":
        number = message.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return message.bool_value
    return None


def _special(fields: Any, found: Dependencies) -> Value:
    signature = fields[SIGNATURE].string_value
    reader = _READERS.get(signature)
    if reader is None:
        raise UnsupportedError(f"a property holds a kind of value that is not known (signature {signature})")
    return reader(fields, found)


def _read_secret(fields: Any, found: Dependencies) -> Value:
    inner = _value(fields["value"], found)
    return inner if isinstance(inner, Secret) else Secret(inner)


def _read_output(fields: Any, found: Dependencies) -> Value:
    if "dependencies" in fields:
        found.update(item.string_value for item in fields["dependencies"].list_value.values)
    value = _value(fields["value"], found) if "value" in fields else UNKNOWN
    secret = "secret" in fields and fields["secret"].bool_value
    return Secret(value) if secret and not isinstance(value, Secret) else value


def _read_asset(fields: Any, _found: Dependencies) -> Value:
    return Asset(**_texts(fields, "text", "path", "uri"), hash=_text(fields, "hash"))


def _read_archive(fields: Any, found: Dependencies) -> Value:
    assets = None
    if "assets" in fields:
        assets = {key: _value(item, found) for key, item in fields["assets"].struct_value.fields.items()}
    return Archive(assets=assets, **_texts(fields, "path", "uri"), hash=_text(fields, "hash"))


def _read_reference(fields: Any, _found: Dependencies) -> Value:
    identifier: str | Unknown | None = None
    if "id" in fields:
        text = fields["id"].string_value
        identifier = UNKNOWN if text in UNKNOWN_TEXTS or not text else text
    return ResourceReference(_text(fields, "urn"), identifier, _text(fields, "packageVersion"))


def _text(fields: Any, key: str) -> str:
    return fields[key].string_value if key in fields else ""


def _texts(fields: Any, *keys: str) -> dict[str, str]:
    return {key: fields[key].string_value for key in keys if key in fields}


_READERS: Final[Mapping[str, Callable[[Any, Dependencies], Value]]] = {
    _SECRET: _read_secret,
    _OUTPUT: _read_output,
    _ASSET: _read_asset,
    _ARCHIVE: _read_archive,
    _RESOURCE: _read_reference,
}


def known(properties: Properties) -> Properties:
    """Those properties that hold nothing unknown, for a client that can't take it in parts."""
    return {key: value for key, value in properties.items() if not has_unknowns(value)}


class Encoder:
    """Turns properties into a Struct for a client that accepts `secrets` and resource `references`, or doesn't."""

    def __init__(self, *, secrets: bool = True, references: bool = True) -> None:
        self._secrets = secrets
        self._references = references

    def encode(self, properties: Properties) -> Struct:
        """All properties."""
        message = Struct()
        fields = message.fields
        for key, item in properties.items():
            self._put(fields[key], item)
        return message

    def outputs(self, properties: Properties, dependencies: Mapping[str, Dependencies]) -> Struct:
        """All properties, those with dependencies as output values that carry them."""
        message = Struct()
        for key, item in properties.items():
            urns = dependencies.get(key)
            self._put(message.fields[key], _output(item, sorted(urns)) if urns else item)
        return message

    def _put(self, message: Message, value: Value) -> None:
        if isinstance(value, str):
            message.string_value = value
        elif isinstance(value, bool):
            message.bool_value = value
        elif isinstance(value, dict):
            self._put_fields(message.struct_value, value)
        elif isinstance(value, list):
            self._put_items(message.list_value, value)
        elif value is None:
            message.null_value = 0  # pyright: ignore[reportAttributeAccessIssue]  the enum's only member, NULL_VALUE
        elif isinstance(value, int | float):
            message.number_value = value
        else:
            self._put_special(message, value)

    def _put_fields(self, message: Struct, value: Mapping[str, Value]) -> None:
        # An empty object still has to be said to be one.
        message.SetInParent()
        fields = message.fields
        for key, item in value.items():
            self._put(fields[key], item)

    def _put_items(self, message: ListValue, value: list[Value]) -> None:
        message.SetInParent()
        values = message.values
        for item in value:
            self._put(values.add(), item)

    def _put_special(self, message: Message, value: Value) -> None:
        match value:
            case Unknown():
                message.string_value = UNKNOWN_TEXT
            case Secret() if not self._secrets:
                self._put(message, value.value)
            case Secret():
                self._put_fields(message.struct_value, {SIGNATURE: _SECRET, "value": value.value})
            case ResourceReference() if not self._references:
                self._put(message, value.urn if value.id is None else value.id)
            case ResourceReference():
                self._put_fields(message.struct_value, _reference(value))
            case Asset():
                self._put_fields(message.struct_value, _parts(_ASSET, value, "text", "path", "uri", "hash"))
            case Archive():
                self._put_fields(message.struct_value, _parts(_ARCHIVE, value, "assets", "path", "uri", "hash"))
            case _:
                raise UnsupportedError(f"a provider returned a {type(value).__name__}, which is not a property value")


def _output(value: Value, urns: list[str]) -> dict[str, Value]:
    inner = value.value if isinstance(value, Secret) else value
    known = {} if isinstance(inner, Unknown) else {"value": inner}
    return {SIGNATURE: _OUTPUT, **known, "secret": isinstance(value, Secret), "dependencies": urns}


def _reference(value: ResourceReference) -> dict[str, Value]:
    identifier = {} if value.id is None else {"id": value.id}
    return {SIGNATURE: _RESOURCE, "urn": value.urn, **identifier, "packageVersion": value.package_version}


def _parts(signature: str, value: Asset | Archive, *names: str) -> dict[str, Value]:
    present = {name: getattr(value, name) for name in names if getattr(value, name) not in (None, "")}
    return {SIGNATURE: signature, **present}
