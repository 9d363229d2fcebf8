"""Certificates and private keys in PEM, told apart by fingerprints; nothing here gives a key away."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

_HALF = "PUBLIC HALF OF A PRIVATE KEY"
"""The label of what stands for a private key where only its public half may be kept."""
_BEGIN, _END, _DASHES = "-----BEGIN ", "-----END ", "-----"


class Certificate(NamedTuple):
    """One certificate. `fingerprint` and `key` are SHA-256 of the whole and of its public key, in hexadecimal.

    `expires` is in UTC; `authority` says that it may sign others.
    """

    fingerprint: str
    key: str
    subject: str
    issuer: str
    expires: datetime
    authority: bool


class Pem(NamedTuple):
    """What a text holds: certificates, the fingerprints of the public halves of its private keys, and unread blocks."""

    certificates: tuple[Certificate, ...] = ()
    keys: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def read(text: str) -> Pem:
    """The PEM blocks of `text`; what can't be read is named by its label and a reason, never by its content."""
    certificates: list[Certificate] = []
    keys: list[str] = []
    unread: list[str] = []
    for label, block in _blocks(text):
        try:
            if label in ("CERTIFICATE", "TRUSTED CERTIFICATE"):
                certificates.append(_certificate(block))
            elif label == _HALF:
                keys.append(_public(load_pem_public_key(block.replace(_HALF.encode(), b"PUBLIC KEY"))))
            elif label.endswith("PRIVATE KEY"):
                keys.append(_public(_half(block)))
            elif not block:
                unread.append(label)
        except (TypeError, ValueError, UnsupportedAlgorithm):
            unread.append(label)
    return Pem(tuple(certificates), tuple(keys), tuple(unread))


def public_parts(text: str) -> str:
    """What anybody may see of `text`: its certificates, and the public halves of its private keys.

    `read` finds the same certificates and keys in it. A key that can't be read is only named.
    """
    parts: list[str] = []
    for label, block in _blocks(text):
        if label.endswith("CERTIFICATE"):
            parts.append(block.decode())
        elif label.endswith("PRIVATE KEY"):
            parts.append(_shown(label, block))
    return "\n".join(parts)


def _shown(label: str, block: bytes) -> str:
    try:
        key = _half(block).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return f"{_BEGIN}{label}{_DASHES}\n{_END}{label}{_DASHES}"
    return key.decode().replace("PUBLIC KEY", _HALF)


def _blocks(text: str) -> Iterator[tuple[str, bytes]]:
    """Label and text of each block, in one pass; an unfinished one has no text."""
    start = text.find(_BEGIN)
    while start >= 0:
        label = text[start + len(_BEGIN) :].partition(_DASHES)[0]
        closing = f"{_END}{label}{_DASHES}"
        end = text.find(closing, start)
        if end < 0:
            yield label[:_LONGEST], b""
            return
        yield label, text[start : end + len(closing)].encode()
        start = text.find(_BEGIN, end)


_LONGEST = 40


def _certificate(block: bytes) -> Certificate:
    found = x509.load_pem_x509_certificate(block.replace(b"TRUSTED CERTIFICATE", b"CERTIFICATE"))
    try:
        authority = bool(found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        authority = False
    return Certificate(
        fingerprint=hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest(),
        key=_public(found.public_key()),
        subject=found.subject.rfc4514_string(),
        issuer=found.issuer.rfc4514_string(),
        expires=found.not_valid_after_utc,
        authority=authority,
    )


def _half(block: bytes) -> PublicKeyTypes:
    # Only its public half is asked for, so that the key's own consistency, slow to check, does not matter.
    return load_pem_private_key(block, None, unsafe_skip_rsa_key_validation=True).public_key()


def _public(key: PublicKeyTypes) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
