"""Certificates and keys that tests make for themselves."""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

START = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


class Pair:
    """A key and its certificate, signed by another pair or by itself; good for `days` from START."""

    def __init__(self, name, *, by=None, authority=False, days=90, key=None) -> None:
        self.private = key or ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = by or self
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(signer.name)
            .public_key(self.private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(START)
            .not_valid_after(START + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(signer.private, hashes.SHA256())
        )

    @property
    def crt(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def key(self, password=None) -> str:
        hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        return self.private.private_bytes(serialization.Encoding.PEM, form, hidden).decode()


def secret(namespace, name, *, encoded=False, **entries):
    """Entries are spelled with `_` for `.`; `encoded` puts them into `data`."""
    values = {key.replace("_", "."): value for key, value in entries.items()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
    if not encoded:
        return body | {"stringData": values}
    return body | {"data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}}
