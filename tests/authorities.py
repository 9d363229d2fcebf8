"""Authorities of meshes that only tests know, and the certificates of workloads that they sign."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM
_NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A root. `limits` are the trust domains that its own constraints leave it; none leave it all."""

    name: str
    limits: tuple[str, ...] = ()
    constraints: x509.NameConstraints | None = None
    authority: bool = True
    ends: datetime.datetime = _NOW + datetime.timedelta(days=1)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @cached_property
    def root(self) -> str:
        """Its own certificate, PEM."""
        made = self._made(self.name, self.key.public_key(), _NOW - datetime.timedelta(days=2), self.ends)
        made = made.add_extension(x509.BasicConstraints(ca=self.authority, path_length=None), critical=True)
        constraints = self.constraints
        if self.limits:
            constraints = x509.NameConstraints([x509.UniformResourceIdentifier(one) for one in self.limits], None)
        if constraints:
            made = made.add_extension(constraints, critical=True)
        return made.sign(self.key, hashes.SHA256()).public_bytes(_PEM).decode()

    def sign(self, identity: str, folder: Path) -> tuple[Path, Path]:
        """Files with a certificate for `spiffe://<identity>` and the root behind it, and with its key."""
        own = ec.generate_private_key(ec.SECP256R1())
        hour = datetime.timedelta(hours=1)
        made = self._made("workload", own.public_key(), _NOW - hour, datetime.datetime.now(datetime.UTC) + hour)
        name = x509.UniformResourceIdentifier(f"spiffe://{identity}")
        made = made.add_extension(x509.SubjectAlternativeName([name]), critical=True).sign(self.key, hashes.SHA256())
        form = serialization.PrivateFormat.PKCS8
        place = folder / f"{self.name}-{identity.replace('/', '-')}"
        certificate, key = place.with_suffix(".crt"), place.with_suffix(".key")
        certificate.write_bytes(made.public_bytes(_PEM) + self.root.encode())
        key.write_bytes(own.private_bytes(_PEM, form, serialization.NoEncryption()))
        return certificate, key

    def _made(
        self, subject: str, key: ec.EllipticCurvePublicKey, begins: datetime.datetime, ends: datetime.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(self.name))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
