"""The resource types of pulumi-random as tables: fields, defaults and what forces a replacement."""

from collections.abc import Mapping

from tenantmesh.engine.providers.bridged.schema import Field, Kind, ResourceType, Role, always
from tenantmesh.engine.providers.random import make, restore
from tenantmesh.engine.providers.random.rules import (
    at_least,
    covers_minimums,
    keepers_change,
    needs_some_class,
    special_change,
    sync_numeric,
)

_KEEPERS = Field(kind=Kind.STRING_MAP, replaces=keepers_change)
_OUTPUT = Field(role=Role.OUTPUT)
_SECRET = Field(role=Role.OUTPUT, secret=True)
_REPLACING_STRING = Field(replaces=always)
_REPLACING_INTEGER = Field(role=Role.REQUIRED, kind=Kind.INTEGER, replaces=always)
_CLASS = Field(kind=Kind.BOOLEAN, default=True, replaces=always)
_NUMERIC = Field(role=Role.EITHER, kind=Kind.BOOLEAN, keeps=False, replaces=always, validators=(needs_some_class,))
_MINIMUM = Field(kind=Kind.INTEGER, default=0, replaces=always)

_STRING_FIELDS: Mapping[str, Field] = {
    "keepers": _KEEPERS,
    "length": Field(
        role=Role.REQUIRED, kind=Kind.INTEGER, replaces=always, validators=(at_least("length", 1), covers_minimums)
    ),
    "special": _CLASS,
    "upper": _CLASS,
    "lower": _CLASS,
    "number": _NUMERIC,
    "numeric": _NUMERIC,
    "minNumeric": _MINIMUM,
    "minUpper": _MINIMUM,
    "minLower": _MINIMUM,
    "minSpecial": _MINIMUM,
    "overrideSpecial": Field(replaces=special_change),
    "id": _OUTPUT,
}


def _uuid(name: str, make_uuid: make.Make) -> ResourceType:
    return ResourceType(
        token=f"random:index/random{name}:Random{name}",
        fields={"keepers": _KEEPERS, "result": _OUTPUT, "id": _OUTPUT},
        make=make_uuid,
        restore=restore.uuid,
    )


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        token="random:index/randomBytes:RandomBytes",  # noqa: S106  a type token is no password
        fields={
            "keepers": Field(kind=Kind.STRING_MAP, replaces=always),
            "length": Field(
                role=Role.REQUIRED, kind=Kind.INTEGER, replaces=always, validators=(at_least("length", 1),)
            ),
            "base64": _SECRET,
            "hex": _SECRET,
        },
        make=make.random_bytes,
        restore=restore.random_bytes,
        # The real provider's id is the bytes themselves, and ids are never encrypted.
        identify=lambda _outputs: "none",
    ),
    ResourceType(
        token="random:index/randomId:RandomId",  # noqa: S106  a type token is no password
        fields={
            "keepers": _KEEPERS,
            "byteLength": _REPLACING_INTEGER,
            "prefix": _REPLACING_STRING,
            **dict.fromkeys(("b64Url", "b64Std", "hex", "dec", "id"), _OUTPUT),
        },
        make=make.random_id,
        restore=restore.random_id,
    ),
    ResourceType(
        token="random:index/randomInteger:RandomInteger",  # noqa: S106  a type token is no password
        fields={
            "keepers": _KEEPERS,
            "min": _REPLACING_INTEGER,
            "max": _REPLACING_INTEGER,
            "seed": _REPLACING_STRING,
            "result": Field(role=Role.OUTPUT, kind=Kind.INTEGER),
            "id": _OUTPUT,
        },
        make=make.random_integer,
        restore=restore.random_integer,
    ),
    ResourceType(
        token="random:index/randomPassword:RandomPassword",  # noqa: S106  a type token is no password
        fields={**_STRING_FIELDS, "result": _SECRET, "bcryptHash": _SECRET},
        make=make.random_password,
        version=3,
        adjust=sync_numeric,
        restore=restore.random_password,
    ),
    ResourceType(
        token="random:index/randomPet:RandomPet",  # noqa: S106  a type token is no password
        fields={
            "keepers": _KEEPERS,
            "length": Field(kind=Kind.INTEGER, default=2, replaces=always),
            "prefix": _REPLACING_STRING,
            "separator": Field(default="-", replaces=always),
            "id": _OUTPUT,
        },
        make=make.random_pet,
    ),
    ResourceType(
        token="random:index/randomShuffle:RandomShuffle",  # noqa: S106  a type token is no password
        fields={
            "keepers": _KEEPERS,
            "seed": _REPLACING_STRING,
            "inputs": Field(role=Role.REQUIRED, kind=Kind.STRINGS, replaces=always, terraform="input"),
            "resultCount": Field(kind=Kind.INTEGER, replaces=always),
            "results": Field(role=Role.OUTPUT, kind=Kind.STRINGS, terraform="result"),
            "id": _OUTPUT,
        },
        make=make.random_shuffle,
    ),
    ResourceType(
        token="random:index/randomString:RandomString",  # noqa: S106  a type token is no password
        fields={**_STRING_FIELDS, "result": _OUTPUT},
        make=make.random_string,
        version=2,
        adjust=sync_numeric,
        restore=restore.random_string,
    ),
    _uuid("Uuid", make.random_uuid),
    _uuid("Uuid4", make.random_uuid4),
    _uuid("Uuid7", make.random_uuid7),
)
