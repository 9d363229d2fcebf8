"""Makes certificate requests, self-signed certificates and certificates signed by a CA of the program."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from tenantmesh.engine.providers.tls.keys import (
    PrivateKey,
    PublicKey,
    algorithm_of,
    parse_key,
    signature_hash,
    state_hash,
    subject_key_id,
)
from tenantmesh.engine.providers.tls.names import signed_name, subject_name
from tenantmesh.engine.providers.tls.rules import parse_ip
from tenantmesh.engine.providers.tls.usages import extended_key_usage, key_usage
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError

Loaded = TypeVar("Loaded")


class _Holder(Struct, frozen=True, kw_only=True):
    """Whom a certificate is for."""

    name: x509.Name
    names: tuple[x509.GeneralName, ...]
    key: PublicKey


class _Signer(Struct, frozen=True, kw_only=True):
    """Who signs: the name, the key, and the key identifier that the certificate refers to, if any."""

    name: x509.Name
    key: PrivateKey
    identifier: bytes | None


def cert_request(planned: Properties) -> Properties:
    """A signing request; its id is the SHA-1 of its DER form."""
    key = parse_key(planned["privateKeyPem"], "privateKeyPem")
    names = _alternative_names(planned)
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(planned))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    request = _build(lambda: builder.sign(key, signature_hash(key)))
    return {
        "keyAlgorithm": algorithm_of(key),
        "certRequestPem": request.public_bytes(Encoding.PEM).decode(),
        "id": state_hash(request.public_bytes(Encoding.DER)),
    }


def self_signed_cert(planned: Properties) -> Properties:
    """A certificate signed with its own key; its id is the serial number in decimal."""
    key = parse_key(planned["privateKeyPem"], "privateKeyPem")
    subject = _Holder(name=_subject(planned), names=tuple(_alternative_names(planned)), key=key.public_key())
    identifier = None
    if planned["setAuthorityKeyId"]:
        if not (planned["isCaCertificate"] or planned["setSubjectKeyId"]):
            raise ProviderError("setAuthorityKeyId needs a subject key id to refer to; set setSubjectKeyId too")
        identifier = subject_key_id(subject.key)
    signer = _Signer(name=subject.name, key=key, identifier=identifier)
    return {"keyAlgorithm": algorithm_of(key), **_certificate(planned, subject, signer)}


def locally_signed_cert(planned: Properties) -> Properties:
    """A certificate for a request, signed by the given CA; its id is the serial number in decimal."""
    request = _load(x509.load_pem_x509_csr, planned["certRequestPem"], "certRequestPem")
    key = parse_key(planned["caPrivateKeyPem"], "caPrivateKeyPem")
    authority = _load(x509.load_pem_x509_certificate, planned["caCertPem"], "caCertPem")
    if _public_bytes(_usable(authority.public_key(), "caCertPem")) != _public_bytes(key.public_key()):
        raise ProviderError("caPrivateKeyPem is not the key of caCertPem; give the two halves of one CA")
    subject = _Holder(
        name=_build(lambda: signed_name(request.subject)),
        names=tuple(_requested_names(request)),
        key=_usable(request.public_key(), "certRequestPem"),
    )
    identifier = None if authority.subject == subject.name else _key_id(authority)
    signer = _Signer(name=authority.subject, key=key, identifier=identifier)
    return {"caKeyAlgorithm": algorithm_of(key), **_certificate(planned, subject, signer)}


def _certificate(planned: Properties, holder: _Holder, signer: _Signer) -> Properties:
    if planned["isCaCertificate"] and not list(holder.name):
        raise ProviderError("a CA needs a subject; set at least one of its names (RFC 5280, section 4.1.2.6)")
    if not planned["isCaCertificate"] and (_path_length(planned) or 0) > 0:
        raise ProviderError("maxPathLength is for a CA; leave it out or set isCaCertificate")
    start = time.time_ns()
    since = datetime.fromtimestamp(start // 1_000_000_000, UTC)
    serial = secrets.randbits(128) or 1
    until = _build(lambda: since + timedelta(hours=planned["validityPeriodHours"]))
    builder = x509.CertificateBuilder(
        issuer_name=signer.name,
        subject_name=holder.name,
        public_key=holder.key,
        serial_number=serial,
        not_valid_before=since,
        not_valid_after=until,
    )
    for extension, critical in _extensions(planned, holder, signer):
        builder = builder.add_extension(extension, critical=critical)
    certificate = _sign(builder, signer.key)
    return {
        "id": str(serial),
        "certPem": certificate.public_bytes(Encoding.PEM).decode(),
        "validityStartTime": _rfc3339(since, start),
        "validityEndTime": _rfc3339(until, start),
    }


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    return _build(lambda: builder.sign(key, signature_hash(key)))


def _extensions(planned: Properties, holder: _Holder, signer: _Signer) -> list[tuple[x509.ExtensionType, bool]]:
    """The extensions and whether they are critical, in the order in which Go's crypto/x509 writes them."""
    uses, is_ca = planned["allowedUses"], planned["isCaCertificate"]
    usage, extended = key_usage(uses), extended_key_usage(uses)
    extensions: list[tuple[x509.ExtensionType | None, bool]] = [
        (usage, True),
        (extended, False),
        (x509.BasicConstraints(ca=is_ca, path_length=_path_length(planned) if is_ca else None), True),
    ]
    if is_ca or planned["setSubjectKeyId"]:
        extensions.append((x509.SubjectKeyIdentifier(subject_key_id(holder.key)), False))
    if signer.identifier:
        extensions.append((x509.AuthorityKeyIdentifier(signer.identifier, None, None), False))
    if holder.names:
        extensions.append((x509.SubjectAlternativeName(holder.names), not list(holder.name)))
    return [(extension, critical) for extension, critical in extensions if extension is not None]


def _path_length(planned: Properties) -> int | None:
    """The limit on further CAs below this one; the real provider drops a limit of 0, which is kept here."""
    length = planned.get("maxPathLength")
    return length if isinstance(length, int) and length >= 0 else None


def _subject(planned: Properties) -> x509.Name:
    return _build(lambda: subject_name(planned.get("subject") or {}))


def _alternative_names(planned: Properties) -> list[x509.GeneralName]:
    addresses = (parse_ip(text) for text in planned.get("ipAddresses", ()))
    return _build(
        lambda: [
            *(x509.DNSName(name) for name in planned.get("dnsNames", ())),
            *(x509.IPAddress(address) for address in addresses if address),
            *(x509.UniformResourceIdentifier(uri) for uri in planned.get("uris", ())),
        ]
    )


def _requested_names(request: x509.CertificateSigningRequest) -> list[x509.GeneralName]:
    try:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    except ValueError:
        raise ProviderError("certRequestPem has malformed extensions; make the request anew") from None
    kinds = (x509.DNSName, x509.IPAddress, x509.UniformResourceIdentifier)
    return [name for kind in kinds for name in names if isinstance(name, kind)]


def _key_id(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def _usable(key: object, what: str) -> PublicKey:
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return key
    raise ProviderError(f"{what} has a public key of an unsupported kind; use RSA, ECDSA or ED25519")


def _public_bytes(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _load(load: Callable[[bytes], Loaded], pem: str, what: str) -> Loaded:
    try:
        return load(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ProviderError(f"{what} can't be read; give one object of that kind in PEM") from None


def _build(make: Callable[[], Loaded]) -> Loaded:
    """What `make` builds; its complaints are about names, times and sizes, never about key material."""
    try:
        return make()
    except OverflowError:
        raise ProviderError("validityPeriodHours reaches beyond the year 9999; make it smaller") from None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ProviderError(f"the certificate can't be made: {str(error).rstrip('.').lower()}") from None


def _rfc3339(moment: datetime, nanoseconds: int) -> str:
    """The moment with the fraction of a second of `nanoseconds`, without trailing zeros, as Go prints it."""
    fraction = f".{nanoseconds % 1_000_000_000:09d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
