"""Certificates for names of workloads by the mesh's own authority, for clients that are no pods."""

import base64
import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.mesh.asking import Credential
from tests.mesh.driving import Mesh

_PEM = serialization.Encoding.PEM
_HOME = "/api/v1/namespaces/istio-system/secrets"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """What istiod signs with: a key with its certificate, the certificates between that and a root, and the roots."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: bytes
    roots: bytes

    @classmethod
    def of(cls, mesh: Mesh, secret: str = "istio-ca-secret") -> "Signer":
        """As istiod keeps it today: what it made for itself, or what it was given as `cacerts`."""
        found = mesh.lab.api.get(f"{_HOME}/{secret}")["data"]
        data = {name: base64.b64decode(text) for name, text in found.items()}
        key = serialization.load_pem_private_key(data["ca-key.pem"], password=None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        certificate = x509.load_pem_x509_certificate(data["ca-cert.pem"])
        roots = data.get("root-cert.pem") or data["ca-cert.pem"]
        return cls(key=key, certificate=certificate, chain=data.get("cert-chain.pem", b""), roots=roots)

    def sign(self, identity: str, folder: Path) -> tuple[Path, Path]:
        """Files with a certificate for `spiffe://<identity>`, good for an hour, and with its key."""
        own, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
        name = x509.UniformResourceIdentifier(f"spiffe://{identity}")
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.certificate.subject)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        place = folder / identity.replace("/", "-")
        certificate, key = place.with_suffix(".crt"), place.with_suffix(".key")
        certificate.write_bytes(made.public_bytes(_PEM) + self.chain)
        form = serialization.PrivateFormat.PKCS8
        key.write_bytes(own.private_bytes(_PEM, form, serialization.NoEncryption()))
        return certificate, key


def vouched(mesh: Mesh, folder: Path, name: str) -> Credential:
    """What a workload `namespace/account` of the mesh shows."""
    signer = Signer.of(mesh)
    namespace, _, account = name.partition("/")
    certificate, key = signer.sign(f"cluster.local/ns/{namespace}/sa/{account}", folder)
    roots = folder / "mesh.ca"
    roots.write_bytes(signer.roots)
    return Credential(certificate=certificate, key=key, ca=roots)
