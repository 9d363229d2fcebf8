"""What Secrets and ConfigMaps hold of certificates and keys."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tenantmesh.graph.trust.certificates import Certificate, Pem, read
from tenantmesh.manifest import ManifestObject

ANCHORS = frozenset({"ca.crt", "ca.pem", "ca-cert.pem", "cacert", "root-cert.pem"})
"""The entries whose certificates are trusted to sign a peer's, whatever they say of themselves."""

_PEM = "-----BEGIN "
_STORES = (".jks", ".p12", ".pfx")
_ENTRIES = (".crt", ".key", ".pem", "data.cacert", "data.cert", "data.key", "Data.cacert", "Data.cert", "Data.key")


class Place(NamedTuple):
    """An entry of an object."""

    namespace: str
    object: ManifestObject
    path: str

    @property
    def anchor(self) -> bool:
        """Whether what is here is trusted to sign a peer's certificate."""
        return self.path.partition(".")[2] in ANCHORS

    def __str__(self) -> str:
        return f"{self.object.key} {self.path}"


class Material(NamedTuple):
    """What one object holds. `keys` are fingerprints of the public halves of private keys.

    `unread` are entries that could hold something and were not read: absent from a rendered file, known only after a
    deployment, encrypted, or in a form other than PEM.
    """

    object: ManifestObject
    namespace: str
    name: str
    certificates: tuple[tuple[Place, Certificate], ...] = ()
    keys: tuple[tuple[Place, str], ...] = ()
    unread: tuple[Place, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.certificates or self.keys or self.unread)


def material(one: ManifestObject, namespace: str) -> Material:
    """What `one`, a Secret or a ConfigMap, holds."""
    certificates: list[tuple[Place, Certificate]] = []
    keys: list[tuple[Place, str]] = []
    unread: list[Place] = []
    for path, value in _entries(one.body):
        place = Place(namespace, one, path)
        found = _read(path, value)
        if found is None or found.unread:
            unread.append(place)
        if found is not None:
            certificates += ((place, certificate) for certificate in found.certificates)
            keys += ((place, key) for key in found.keys)
    name = one.body["metadata"]["name"]
    return Material(one, namespace, name, tuple(certificates), tuple(keys), tuple(unread))


def _entries(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Path and value; a Secret's `data` decoded, None where that is not possible."""
    secret = body["kind"] == "Secret"
    for field in ("stringData", "data"):
        values: Any = _unwrapped(body.get(field)) or {}
        if not isinstance(values, Mapping):
            yield field, None
            continue
        for name, value in values.items():
            value = _unwrapped(value)
            yield f"{field}.{name}", _decoded(value) if secret and field == "data" else value


def _unwrapped(value: Any) -> Any:
    """What the engine marks as secret is an object around the value."""
    return getattr(value, "value", value)


def _decoded(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value).decode("latin-1")
    except binascii.Error:
        return None


def _read(path: str, value: Any) -> Pem | None:
    """None for an entry that holds something, or should, and can't be read."""
    if not isinstance(value, str) or path.endswith(_STORES):
        return None
    if not value:
        return None if path.endswith(_ENTRIES) else Pem()
    return read(value) if _PEM in value else Pem()
