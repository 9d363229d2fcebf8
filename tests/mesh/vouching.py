"""Certificates for names of workloads by the authority that istiod made for itself, for clients that are no pods."""

import base64
import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.mesh.asking import Credential
from tests.mesh.driving import Mesh

_PEM = serialization.Encoding.PEM


def vouched(mesh: Mesh, folder: Path, name: str) -> Credential:
    """What a workload `namespace/account` of the mesh shows, good for an hour."""
    data = mesh.lab.api.get("/api/v1/namespaces/istio-system/secrets/istio-ca-secret")["data"]
    root, secret = (base64.b64decode(data[file]) for file in ("ca-cert.pem", "ca-key.pem"))
    authority, key = x509.load_pem_x509_certificate(root), serialization.load_pem_private_key(secret, password=None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    namespace, _, account = name.partition("/")
    identity = x509.UniformResourceIdentifier(f"spiffe://cluster.local/ns/{namespace}/sa/{account}")
    own, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([identity]), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = {part: folder / f"{namespace}-{account}.{part}" for part in ("crt", "key", "ca")}
    files["crt"].write_bytes(made.public_bytes(_PEM))
    files["key"].write_bytes(own.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    files["ca"].write_bytes(root)
    return Credential(certificate=files["crt"], key=files["key"], ca=files["ca"])
