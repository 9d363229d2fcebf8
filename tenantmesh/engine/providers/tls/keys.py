"""Makes, reads and describes private keys. No error carries any part of a key."""

import base64
import hashlib
from collections.abc import Callable, Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

CURVES: Mapping[str, ec.EllipticCurve] = {
    "P224": ec.SECP224R1(),
    "P256": ec.SECP256R1(),
    "P384": ec.SECP384R1(),
    "P521": ec.SECP521R1(),
}

ALGORITHMS: Mapping[str, type] = {
    "RSA": rsa.RSAPrivateKey,
    "ECDSA": ec.EllipticCurvePrivateKey,
    "ED25519": ed25519.Ed25519PrivateKey,
}

# What Go's unicode.IsSpace accepts.
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def private_key(planned: Properties) -> Properties:
    """The outputs of a new key: PKCS #1 (RSA), SEC 1 (ECDSA) or PKCS #8; always PKCS #8; OpenSSH; the public half."""
    key = _GENERATORS[planned["algorithm"]](planned)
    plain = PrivateFormat.PKCS8 if isinstance(key, ed25519.Ed25519PrivateKey) else PrivateFormat.TraditionalOpenSSL
    return {
        "privateKeyPem": _private_text(key, plain),
        "privateKeyPemPkcs8": _private_text(key, PrivateFormat.PKCS8),
        "privateKeyOpenssh": _private_text(key, PrivateFormat.OpenSSH) if _fits_ssh(key.public_key()) else "",
        **public_key(key.public_key()),
    }


def public_key(key: PublicKey) -> Properties:
    """The public key's spellings and fingerprints; OpenSSH's are empty for P224, which it does not know."""
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "id": state_hash(encoded),
        "publicKeyPem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        **_ssh(key),
    }


def state_hash(data: bytes) -> str:
    """The id of an object in hexadecimal: SHA-1 over its bytes without white space around them, as the real ids."""
    text = data.decode("utf-8", "surrogateescape").strip(_SPACE)
    return hashlib.sha1(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def parse_key(pem: str, what: str) -> PrivateKey:
    """The key in a PEM text; `what` names the property in the error."""
    return _accept(lambda: load_pem_private_key(pem.encode(), None), what)


def parse_openssh_key(text: str, what: str) -> PrivateKey:
    """The key in an OpenSSH text, or in any other PEM text; `what` names the property in the error."""
    if "BEGIN OPENSSH PRIVATE KEY" not in text:
        return parse_key(text, what)
    return _accept(lambda: load_ssh_private_key(text.encode(), None), what)


def algorithm_of(key: PrivateKey) -> str:
    """The name of the key's algorithm."""
    return next(name for name, kind in ALGORITHMS.items() if isinstance(key, kind))


def signature_hash(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None:
    """The hash that Go's crypto/x509 takes with this key; none for ED25519."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    size = key.key_size if isinstance(key, ec.EllipticCurvePrivateKey) else 0
    return hashes.SHA512() if size > 384 else hashes.SHA384() if size > 256 else hashes.SHA256()


def subject_key_id(key: PublicKey) -> bytes:
    """SHA-1 over the public key as the real provider hashes it: for ED25519 with the OCTET STRING's header."""
    match key:
        case rsa.RSAPublicKey():
            data = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        case ec.EllipticCurvePublicKey():
            data = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        case ed25519.Ed25519PublicKey():
            data = b"\x04\x20" + key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _accept(load: Callable[[], object], what: str) -> PrivateKey:
    try:
        key = load()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, PrivateKey):
        raise ProviderError(f"{what} holds no usable private key; give an unencrypted RSA, ECDSA or ED25519 key in PEM")
    return key


def _rsa(planned: Properties) -> PrivateKey:
    try:
        return rsa.generate_private_key(public_exponent=65537, key_size=planned["rsaBits"])
    except ValueError as error:
        raise ProviderError(f"rsaBits is {planned['rsaBits']}: {str(error).rstrip('.').lower()}") from None


_GENERATORS: Mapping[str, Callable[[Properties], PrivateKey]] = {
    "RSA": _rsa,
    "ECDSA": lambda planned: ec.generate_private_key(CURVES[planned["ecdsaCurve"]]),
    "ED25519": lambda _planned: ed25519.Ed25519PrivateKey.generate(),
}


def _private_text(key: PrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def _fits_ssh(key: PublicKey) -> bool:
    return not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP224R1))


def _ssh(key: PublicKey) -> Properties:
    if not _fits_ssh(key):
        return dict.fromkeys(("publicKeyOpenssh", "publicKeyFingerprintMd5", "publicKeyFingerprintSha256"), "")
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    blob = base64.b64decode(line.split()[1])
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return {
        "publicKeyOpenssh": line + "\n",
        "publicKeyFingerprintMd5": hashlib.md5(blob, usedforsecurity=False).digest().hex(":"),
        "publicKeyFingerprintSha256": f"SHA256:{digest}",
    }
