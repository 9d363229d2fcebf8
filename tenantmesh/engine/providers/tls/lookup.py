"""The functions of pulumi-tls: what a private key's public half is, and which certificates a server or text has."""

import hashlib
import json
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.tls.connect import Proxy, fetch_chain
from tenantmesh.engine.providers.tls.keys import algorithm_of, parse_key, parse_openssh_key, public_key
from tenantmesh.engine.providers.tls.names import go_text
from tenantmesh.engine.values import Properties, Value
from tenantmesh.errors import ProviderError

_KEY_KINDS: tuple[tuple[type, str], ...] = (
    (rsa.RSAPublicKey, "RSA"),
    (ec.EllipticCurvePublicKey, "ECDSA"),
    (ed25519.Ed25519PublicKey, "Ed25519"),
    (dsa.DSAPublicKey, "DSA"),
)

_UNKNOWN = "0"
"""How Go prints an algorithm that it does not know."""

_SIGNATURES: Mapping[str, str] = {
    "1.2.840.113549.1.1.2": "MD2-RSA",
    "1.2.840.113549.1.1.4": "MD5-RSA",
    "1.2.840.113549.1.1.5": "SHA1-RSA",
    "1.2.840.113549.1.1.11": "SHA256-RSA",
    "1.2.840.113549.1.1.12": "SHA384-RSA",
    "1.2.840.113549.1.1.13": "SHA512-RSA",
    "1.2.840.10040.4.3": "DSA-SHA1",
    "2.16.840.1.101.3.4.3.2": "DSA-SHA256",
    "1.2.840.10045.4.1": "ECDSA-SHA1",
    "1.2.840.10045.4.3.2": "ECDSA-SHA256",
    "1.2.840.10045.4.3.3": "ECDSA-SHA384",
    "1.2.840.10045.4.3.4": "ECDSA-SHA512",
    "1.3.101.112": "Ed25519",
}


def get_public_key(arguments: Properties) -> Properties:
    """The public half of `privateKeyPem` or `privateKeyOpenssh`. Raises ProviderError when it can't be read."""
    name, text = _one_of(arguments, "privateKeyPem", "privateKeyOpenssh")
    key = parse_key(text, name) if name == "privateKeyPem" else parse_openssh_key(text, name)
    return {name: text, "algorithm": algorithm_of(key), **public_key(key.public_key())}


def get_certificate(arguments: Properties, proxy: Proxy, ambient: Ambient) -> Properties:
    """The certificate in `content`, or those that the server at `url` shows with the root first.

    A URL is https:// or tls:// (with a port); `verifyChain` is true by default. Raises ProviderError.
    """
    name, text = _one_of(arguments, "content", "url")
    verify = arguments.get("verifyChain")
    if name == "content":
        if verify is not None:
            raise ProviderError("verifyChain is for a url; leave it out beside content")
        certificates = [_parse(text)]
    else:
        if ambient.offline:
            raise ProviderError("getCertificate of a url needs the network, which this run may not use; give content")
        chain = fetch_chain(_target(text), proxy, ambient.environment, verify=verify is not False)
        certificates = [x509.load_der_x509_certificate(one) for one in reversed(chain)]
    described = [_describe(certificate) for certificate in certificates]
    return {name: text, "verifyChain": verify is not False, "certificates": described, "id": _identify(described)}


def _one_of(arguments: Properties, *names: str) -> tuple[str, str]:
    given = [(name, arguments[name]) for name in names if arguments.get(name) is not None]
    if len(given) != 1 or not isinstance(given[0][1], str):
        raise ProviderError(f"give exactly one of {' and '.join(names)}, as a string")
    return given[0]


def _target(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        has_port = parts.port is not None
    except ValueError:
        raise ProviderError("url is malformed; write https://host or tls://host:port") from None
    if parts.scheme not in ("https", "tls") or not parts.hostname or (parts.scheme == "tls" and not has_port):
        raise ProviderError("url can't be asked; write https://host or tls://host:port")
    return parts


def _parse(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise ProviderError("content holds no certificate; give one in PEM") from None


def _describe(certificate: x509.Certificate) -> Properties:
    encoded = certificate.public_bytes(Encoding.DER)
    is_ca, path_length = _constraints(certificate)
    return {
        "signatureAlgorithm": _signature(certificate),
        "publicKeyAlgorithm": _key_kind(certificate),
        "serialNumber": str(certificate.serial_number),
        "isCa": is_ca,
        "maxPathLength": path_length,
        "version": certificate.version.value + 1,
        "issuer": go_text(certificate.issuer),
        "subject": go_text(certificate.subject),
        "notBefore": f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "notAfter": f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "sha1Fingerprint": hashlib.sha1(encoded, usedforsecurity=False).hexdigest(),
        "certPem": certificate.public_bytes(Encoding.PEM).decode(),
    }


def _constraints(certificate: x509.Certificate) -> tuple[bool, int]:
    """Whether it is a CA, and the path length: -1 for no limit, 0 without the extension, as Go parses it."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False, 0
    return found.ca, -1 if found.path_length is None else found.path_length


def _key_kind(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return _UNKNOWN
    return next((text for kind, text in _KEY_KINDS if isinstance(key, kind)), _UNKNOWN)


def _signature(certificate: x509.Certificate) -> str:
    identifier = certificate.signature_algorithm_oid.dotted_string
    if identifier == "1.2.840.113549.1.1.10":
        algorithm = certificate.signature_hash_algorithm
        return f"{algorithm.name.upper()}-RSAPSS" if algorithm else _UNKNOWN
    return _SIGNATURES.get(identifier, _UNKNOWN)


def _identify(described: list[Properties]) -> str:
    """SHA-1 over the certificates as Go prints them, as the real ids."""
    text = " ".join("{" + " ".join(_print(value) for value in one.values()) + "}" for one in described)
    return hashlib.sha1(f"[{text}]".encode(), usedforsecurity=False).hexdigest()


def _print(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)
