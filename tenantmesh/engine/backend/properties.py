"""Property values as a checkpoint spells them (pkg/resource/stack/deployment.go: SerializePropertyValue)."""

import base64
import binascii
import json
import math
import struct
from collections.abc import Callable
from typing import Any, Final

from tenantmesh.engine.backend.crypter import Crypter
from tenantmesh.engine.values import UNKNOWN, Archive, Asset, Properties, ResourceReference, Secret, Unknown, Value
from tenantmesh.errors import StateError

Json = dict[str, Any]
"""A JSON object."""

Path = tuple[Any, ...]
"""Where a value is: the enclosing place and a key, nested, so that it costs one small tuple a node."""

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- a public marker, not a password
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
BYTES: Final = "803fd3297a5875dc03ca845dda5d2a98"
FLOAT: Final = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"
COMPUTED: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class PropertyCodec:
    """Translates property values to and from a checkpoint's JSON, encrypting secrets with `crypter`.

    A secret whose value and place are as before keeps its ciphertext, so a run without changes writes equal bytes.
    Without a crypter a value with secrets can be neither read nor written. Safe for use by several threads: the memory
    is a dict of which single items are read and set.
    """

    def __init__(self, crypter: Callable[[], Crypter]) -> None:
        self._crypter = crypter
        self._memory: dict[Path, tuple[str, str]] = {}
        self.found_plaintext = False
        """Whether a secret was read that was stored in the clear, as in a hand-made checkpoint."""

    def encode(self, value: Value, path: Path) -> Any:
        """JSON data for `value`; object keys are sorted."""
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, str):
            return value if value.isascii() else _encode_text(value)
        if isinstance(value, dict):
            return {key: self.encode(value[key], (path, key)) for key in sorted(value)}
        if isinstance(value, list | tuple):
            return [self.encode(item, (path, index)) for index, item in enumerate(value)]
        if isinstance(value, float):
            return value if math.isfinite(value) else {SIGNATURE: FLOAT, "value": struct.pack(">d", value).hex()}
        if isinstance(value, Secret):
            return {SIGNATURE: SECRET, "ciphertext": self._encrypt(value.value, path)}
        return _encode_special(value)

    def decode(self, data: Any, path: Path) -> Value:
        """The value that `data` spells; raises StateError for an unknown or malformed signature."""
        if isinstance(data, str):
            return UNKNOWN if data == COMPUTED else data
        if isinstance(data, dict):
            signature = data.get(SIGNATURE)
            if signature is None:
                return {key: self.decode(item, (path, key)) for key, item in data.items()}
            return self._decode_special(signature, data, path)
        if isinstance(data, list):
            return [self.decode(item, (path, index)) for index, item in enumerate(data)]
        if isinstance(data, float) and data.is_integer():
            return int(data)
        return data

    def decode_object(self, data: Any, path: Path) -> Properties:
        """The properties that the JSON object `data` spells."""
        if not isinstance(data, dict):
            raise StateError("properties have to be an object")
        return {key: self.decode(item, (path, key)) for key, item in data.items()}

    def _encrypt(self, value: Value, path: Path) -> str:
        plaintext = _canonical(_Inner.encode(value, ()))
        known = self._memory.get(path)
        if known is not None and known[0] == plaintext:
            return known[1]
        ciphertext = self._crypter().encrypt(plaintext)
        self._memory[path] = (plaintext, ciphertext)
        return ciphertext

    def _decode_special(self, signature: object, data: Json, path: Path) -> Value:
        if signature == SECRET:
            return self._decode_secret(data, path)
        decode = _SPECIAL.get(signature) if isinstance(signature, str) else None
        if decode is None:
            raise StateError(f"a value has the signature {signature!r}, which this version does not know")
        try:
            return decode(data)
        except (KeyError, TypeError, ValueError, struct.error, binascii.Error) as error:
            raise StateError(f"a value with the signature {signature!r} is malformed") from error

    def _decode_secret(self, data: Json, path: Path) -> Secret:
        ciphertext, plaintext = data.get("ciphertext"), data.get("plaintext")
        if isinstance(ciphertext, str) and plaintext is None:
            inner = _parse_plaintext(self._crypter().decrypt(ciphertext))
            self._memory[path] = (_canonical(inner), ciphertext)
        elif isinstance(plaintext, str) and ciphertext is None:
            self.found_plaintext = True
            inner = _parse_plaintext(plaintext)
        else:
            raise StateError("a secret needs either a ciphertext or a plaintext")
        return Secret(_Inner.decode(inner, ()))


class _NoCrypter(Crypter):
    """Leaves text as it is, for a secret within a secret: the outer one is encrypted as a whole."""

    def __init__(self) -> None:
        super().__init__(bytes(32), "")

    def encrypt(self, plaintext: str) -> str:
        return plaintext

    def decrypt(self, ciphertext: str) -> str:
        return ciphertext


class _InnerCodec(PropertyCodec):
    """The codec of what is within a secret; it remembers nothing."""

    def __init__(self) -> None:
        super().__init__(_NoCrypter)

    def _encrypt(self, value: Value, path: Path) -> str:
        return _canonical(self.encode(value, path))

    def _decode_secret(self, data: Json, path: Path) -> Secret:
        text = data.get("ciphertext", data.get("plaintext"))
        if not isinstance(text, str):
            raise StateError("a secret needs either a ciphertext or a plaintext")
        return Secret(self.decode(_parse_plaintext(text), path))


_Inner: Final = _InnerCodec()


def _canonical(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _parse_plaintext(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Neither the text nor the parser's message, which quotes it, may reach an error: it is a secret.
        raise StateError("a secret does not hold JSON") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _encode_text(text: str) -> Any:
    """Bytes that are not UTF-8 travel as lone surrogates (PEP 383) and are stored in base64."""
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            raw = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise StateError("a text holds half of a surrogate pair, which can't be stored") from None
        return {SIGNATURE: BYTES, "value": base64.b64encode(raw).decode()}
    return text


def _encode_special(value: Value) -> Any:
    match value:
        case Unknown():
            return COMPUTED
        case Asset():
            fields = {"hash": value.hash, "text": value.text, "path": value.path, "uri": value.uri}
            return {SIGNATURE: ASSET} | {key: item for key, item in fields.items() if item}
        case Archive():
            fields: Json = {"hash": value.hash, "path": value.path, "uri": value.uri}
            if value.assets is not None:
                fields["assets"] = {key: _encode_special(value.assets[key]) for key in sorted(value.assets)}
            return {SIGNATURE: ARCHIVE} | {key: item for key, item in fields.items() if item or key == "assets"}
        case ResourceReference():
            fields = {SIGNATURE: REFERENCE, "urn": value.urn, "packageVersion": value.package_version}
            if value.id is not None:
                fields["id"] = "" if isinstance(value.id, Unknown) else value.id
            return fields
        case _:
            raise StateError(f"a {type(value).__name__} can't be stored in a checkpoint")


def _decode_asset(data: Json) -> Asset:
    text, path, uri = (_text_or_none(data, key) for key in ("text", "path", "uri"))
    # An empty text is left out when it is written, so a hash alone means an empty text.
    return Asset(
        text="" if path is None and uri is None and text is None else text, path=path, uri=uri, hash=_hash(data)
    )


def _decode_archive(data: Json) -> Archive:
    path, uri = (_text_or_none(data, key) for key in ("path", "uri"))
    assets = data.get("assets", {} if path is None and uri is None else None)
    decoded = None if assets is None else {key: _decode_member(item) for key, item in assets.items()}
    return Archive(assets=decoded, path=path, uri=uri, hash=_hash(data))


def _decode_member(data: Json) -> Asset | Archive:
    return {ASSET: _decode_asset, ARCHIVE: _decode_archive}[data[SIGNATURE]](data)


def _decode_reference(data: Json) -> ResourceReference:
    identifier: Any = data.get("id")
    if isinstance(identifier, dict):
        # Some releases wrote the identifier's own wrapping: {"V": null | text | {…}}.
        identifier = "" if isinstance(identifier["V"], dict) else identifier["V"]
    if identifier is not None and not isinstance(identifier, str):
        raise ValueError("id")
    urn = data["urn"]
    return ResourceReference(urn, UNKNOWN if identifier == "" else identifier, data.get("packageVersion", ""))


def _text_or_none(data: Json, key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(key)
    return value


def _hash(data: Json) -> str:
    return _text_or_none(data, "hash") or ""


_SPECIAL: Final[dict[str, Callable[[Json], Value]]] = {
    ASSET: _decode_asset,
    ARCHIVE: _decode_archive,
    REFERENCE: _decode_reference,
    BYTES: lambda data: base64.b64decode(data["value"], validate=True).decode("utf-8", "surrogateescape"),
    FLOAT: lambda data: struct.unpack(">d", bytes.fromhex(data["value"]))[0],
}
