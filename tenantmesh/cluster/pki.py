"""The cluster's certificates: one authority for each circle of trust, so that a user's certificate opens no etcd."""

import datetime
import ipaddress
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from tenantmesh.cluster.folders import private_folder, write_private

_AUTHORITY_LIFE = datetime.timedelta(days=3650)
_LEAF_LIFE = datetime.timedelta(days=365)
_RENEW_BEFORE = datetime.timedelta(days=30)
_CLOCK_SKEW = datetime.timedelta(minutes=5)


class Circle(Enum):
    """Who trusts whom; the value is the name of the authority's files."""

    CLUSTER = "ca"
    ETCD = "etcd-ca"
    FRONT_PROXY = "front-proxy-ca"


class Subject(Struct, frozen=True, kw_only=True):
    """Whom a certificate names: Kubernetes takes `user` as the user's name and `groups` as its groups."""

    user: str
    groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    """DNS names and addresses that the holder serves; with none the certificate is for clients only."""


class KeyPair(Struct, frozen=True, kw_only=True):
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """One circle's CA, kept in a folder and made on first use."""

    def __init__(self, folder: Path, circle: Circle) -> None:
        self.path = folder / f"{circle.value}.crt"
        self.key_path = folder / f"{circle.value}.key"
        if not (self.path.is_file() and self.key_path.is_file()):
            _write(folder, circle.value, _self_signed(f"tenantmesh {circle.value}"))
        self._certificate = x509.load_pem_x509_certificate(self.path.read_bytes())
        key = serialization.load_pem_private_key(self.key_path.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 -- _self_signed makes no other
        self._key = key

    def issue(self, subject: Subject) -> KeyPair:
        """A new key and a certificate for it that is good for a year."""
        key = ec.generate_private_key(ec.SECP256R1())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = _builder(_name(subject), self._certificate.subject, key, _LEAF_LIFE)
        if subject.hosts:
            usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
            builder = builder.add_extension(x509.SubjectAlternativeName(map(_host, subject.hosts)), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        return _pair(builder.sign(self._key, hashes.SHA256()), key)

    def keep(self, name: str, subject: Subject) -> None:
        """Have `name`.crt and `name`.key beside the CA; an absent, foreign or expiring (30 days) one is replaced."""
        path = self.path.with_name(f"{name}.crt")
        if not (path.is_file() and path.with_suffix(".key").is_file() and self._is_good(path)):
            _write(self.path.parent, name, self.issue(subject))

    def _is_good(self, path: Path) -> bool:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        try:
            certificate.verify_directly_issued_by(self._certificate)
        except Exception:  # noqa: BLE001 -- whatever is wrong with it, it is replaced
            return False
        return certificate.not_valid_after_utc - _now() > _RENEW_BEFORE


def keep_service_account_key(folder: Path) -> None:
    """Have `sa.key` and `sa.pub`, which sign and check the tokens of service accounts."""
    if (folder / "sa.key").is_file() and (folder / "sa.pub").is_file():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_private(private_folder(folder) / "sa.pub", public)
    write_private(folder / "sa.key", _key_bytes(key))


def _self_signed(common_name: str) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = _builder(name, name, key, _AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _pair(builder.sign(key, hashes.SHA256()), key)


def _builder(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: datetime.timedelta
) -> x509.CertificateBuilder:
    start = _now() - _CLOCK_SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
    )


def _name(subject: Subject) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in subject.groups]
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, subject.user)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> KeyPair:
    return KeyPair(certificate=certificate.public_bytes(serialization.Encoding.PEM), key=_key_bytes(key))


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(folder: Path, name: str, pair: KeyPair) -> None:
    """The key first: a certificate without its key is made again."""
    write_private(private_folder(folder) / f"{name}.key", pair.key)
    write_private(folder / f"{name}.crt", pair.certificate)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
