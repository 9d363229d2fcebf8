"""Keys and certificates for tests, made when they are first asked for; nothing of them is kept."""

import datetime
import json
import re
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_TOKEN = re.compile(r'"<(key|certificate|authority) (\d+)(?: until (\S+))?(?: for (\S+))?>"')
_FOREVER = "2040-01-01"


@cache
def key(number: str) -> ec.EllipticCurvePrivateKey:  # noqa: ARG001  each number has its own
    return ec.generate_private_key(ec.SECP256R1())


@cache
def certificate(number: str, until: str, *, authority: bool, limit: str = "") -> str:
    """A certificate of its own making; with `limit` for names of that trust domain only."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"number {number}")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key(number).public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime.fromisoformat(until).replace(tzinfo=datetime.UTC))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if limit:
        made = made.add_extension(x509.NameConstraints([x509.UniformResourceIdentifier(limit)], None), critical=True)
    return made.sign(key(number), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def private(number: str) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key(number).private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def filled(text: str) -> str:
    """`text` with what its tokens stand for.

    `"<key 1>"`, `"<certificate 1 until 2030-01-01>"`, `"<authority 1>"`, `"<authority 1 for a.example>"`.
    """
    return _TOKEN.sub(_fill, text)


def _fill(found: re.Match[str]) -> str:
    kind, number, until, limit = found.groups()
    if kind == "key":
        return json.dumps(private(number))
    return json.dumps(certificate(number, until or _FOREVER, authority=kind == "authority", limit=limit or ""))
