"""Certificates name whom they should, are trusted within their circle only, and are replaced in time."""

import datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tenantmesh.cluster.pki import Authority, Circle, Subject, keep_service_account_key


def load(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def usages(certificate: x509.Certificate) -> set[x509.ObjectIdentifier]:
    return set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_user_and_groups_are_common_name_and_organizations(tmp_path):
    pair = Authority(tmp_path, Circle.CLUSTER).issue(Subject(user="alice", groups=("a", "b")))
    subject = load(pair.certificate).subject
    assert [name.value for name in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["alice"]
    assert [name.value for name in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == ["a", "b"]


def test_a_client_can_not_pose_as_a_server(tmp_path):
    client = load(Authority(tmp_path, Circle.CLUSTER).issue(Subject(user="alice")).certificate)
    assert usages(client) == {ExtendedKeyUsageOID.CLIENT_AUTH}
    server = load(Authority(tmp_path, Circle.CLUSTER).issue(Subject(user="s", hosts=("127.0.0.1", "a.b"))).certificate)
    assert ExtendedKeyUsageOID.SERVER_AUTH in usages(server)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert names.get_values_for_type(x509.DNSName) == ["a.b"]


def test_no_leaf_can_issue(tmp_path):
    leaf = load(Authority(tmp_path, Circle.CLUSTER).issue(Subject(user="alice")).certificate)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_circles_do_not_trust_each_other(tmp_path):
    authorities = {circle: Authority(tmp_path, circle) for circle in Circle}
    leaf = load(authorities[Circle.CLUSTER].issue(Subject(user="alice")).certificate)
    leaf.verify_directly_issued_by(load(authorities[Circle.CLUSTER].path.read_bytes()))
    with pytest.raises((InvalidSignature, ValueError)):
        leaf.verify_directly_issued_by(load(authorities[Circle.ETCD].path.read_bytes()))


def test_an_authority_is_kept(tmp_path):
    first = Authority(tmp_path, Circle.CLUSTER).path.read_bytes()
    assert Authority(tmp_path, Circle.CLUSTER).path.read_bytes() == first


def test_a_good_leaf_is_kept_and_one_of_another_authority_is_replaced(tmp_path):
    authority = Authority(tmp_path, Circle.CLUSTER)
    authority.keep("leaf", Subject(user="leaf"))
    first = (tmp_path / "leaf.crt").read_bytes()
    authority.keep("leaf", Subject(user="leaf"))
    assert (tmp_path / "leaf.crt").read_bytes() == first
    authority.path.unlink()
    again = Authority(tmp_path, Circle.CLUSTER)
    again.keep("leaf", Subject(user="leaf"))
    load((tmp_path / "leaf.crt").read_bytes()).verify_directly_issued_by(load(again.path.read_bytes()))


def test_a_leaf_near_its_end_is_replaced(tmp_path):
    authority = Authority(tmp_path, Circle.CLUSTER)
    authority.keep("leaf", Subject(user="leaf"))
    key = serialization.load_pem_private_key((tmp_path / "ca.key").read_bytes(), password=None)
    leaf, now = load((tmp_path / "leaf.crt").read_bytes()), datetime.datetime.now(datetime.UTC)
    ending = x509.CertificateBuilder(
        issuer_name=leaf.issuer,
        subject_name=leaf.subject,
        public_key=leaf.public_key(),
        serial_number=1,
        not_valid_before=now - datetime.timedelta(days=300),
        not_valid_after=now + datetime.timedelta(days=29),
    ).sign(key, leaf.signature_hash_algorithm)
    (tmp_path / "leaf.crt").write_bytes(ending.public_bytes(serialization.Encoding.PEM))
    authority.keep("leaf", Subject(user="leaf"))
    assert load((tmp_path / "leaf.crt").read_bytes()).serial_number != 1


def test_private_keys_are_their_owners_only(tmp_path):
    Authority(tmp_path / "pki", Circle.CLUSTER).keep("leaf", Subject(user="leaf"))
    keep_service_account_key(tmp_path / "pki")
    keys = list((tmp_path / "pki").glob("*.key"))
    assert len(keys) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "pki", *keys))


def test_the_service_account_key_is_kept(tmp_path):
    keep_service_account_key(tmp_path)
    first = (tmp_path / "sa.pub").read_bytes()
    keep_service_account_key(tmp_path)
    assert (tmp_path / "sa.pub").read_bytes() == first
