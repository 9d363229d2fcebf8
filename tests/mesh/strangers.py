"""Client certificates that a tenant's own authority signed but nobody declared, made with the stack's state."""

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tenantmesh.engine.backend import Access, FileBackend, Passphrase
from tenantmesh.engine.values import reveal
from tenantmesh.lab import Lab
from tests.mesh.asking import Credential


def signed(lab: Lab, folder: Path, tenant: str, name: str, ca: Path) -> Credential:
    """A certificate for the DNS name `name`, of the intermediate that signs the tenant's clients."""
    key, intermediate = _intermediate(lab, tenant)
    own = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(intermediate.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    found = Credential(certificate=folder / f"{name}.crt", key=folder / f"{name}.key", ca=ca)
    found.certificate.write_bytes(certificate.public_bytes(pem) + intermediate.public_bytes(pem))
    found.key.write_bytes(secret)
    return found


def _intermediate(lab: Lab, tenant: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """From the state of the stack: the key is nowhere in the cluster."""
    state = lab.layout.state
    passphrase = Passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(state / "passphrase")})
    backend = FileBackend.open(environment={"PULUMI_BACKEND_URL": f"file://{state}"})
    with backend.open_stack("tenantmesh", "dev", passphrase, access=Access.READ) as store:
        outputs = {one.urn.rpartition("::")[2]: {} for one in store.snapshot.resources}
        for one in store.snapshot.resources:
            outputs[one.urn.rpartition("::")[2]] |= reveal(one.outputs)
    found = outputs[f"{tenant}/intermediate-1"]
    key = serialization.load_pem_private_key(found["privateKeyPem"].encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key, x509.load_pem_x509_certificate(found["certPem"].encode())
