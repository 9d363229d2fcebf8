"""Requests and certificates, parsed back."""

import re
from datetime import datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

SUBJECT = {
    "organization": "Acme",
    "commonName": "*.acme.example.com",
    "organizationalUnit": "Mesh",
    "streetAddresses": ["1 Main St", "Back yard"],
    "locality": "Zürich",
    "province": "ZH",
    "country": "CH",
    "postalCode": "8001",
    "serialNumber": "42",
    "emailAddress": "ops@acme.example.com",
}
NAMED = {
    NameOID.COUNTRY_NAME: ["CH"],
    NameOID.ORGANIZATION_NAME: ["Acme"],
    NameOID.ORGANIZATIONAL_UNIT_NAME: ["Mesh"],
    NameOID.LOCALITY_NAME: ["Zürich"],
    NameOID.STATE_OR_PROVINCE_NAME: ["ZH"],
    NameOID.STREET_ADDRESS: ["1 Main St", "Back yard"],
    NameOID.POSTAL_CODE: ["8001"],
    NameOID.COMMON_NAME: ["*.acme.example.com"],
    NameOID.SERIAL_NUMBER: ["42"],
}
SANS = {
    "dnsNames": ["a.example.com", "*.b.example.com"],
    "ipAddresses": ["10.0.0.1", "2001:db8::1"],
    "uris": ["spiffe://example.com/ns/a/sa/b"],
}


def _certificate(made) -> x509.Certificate:
    return x509.load_pem_x509_certificate(made.outputs["certPem"].encode())


def _extension(thing, kind):
    return thing.extensions.get_extension_for_class(kind)


def _names(name):
    return {oid: sorted(str(one.value) for one in name.get_attributes_for_oid(oid)) for oid in NAMED}


def _assert_sans(thing):
    names = _extension(thing, x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == SANS["dnsNames"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address(one) for one in SANS["ipAddresses"]]
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == SANS["uris"]


def test_a_request_holds_the_whole_subject_and_all_names(tls, key):
    made = tls.create("CertRequest", {"privateKeyPem": key, "subject": SUBJECT, **SANS})
    request = x509.load_pem_x509_csr(made.outputs["certRequestPem"].encode())
    assert request.is_signature_valid
    assert _names(request.subject) == NAMED
    assert [one.value for one in request.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)] == [
        "ops@acme.example.com"
    ]
    _assert_sans(request)
    assert made.outputs["keyAlgorithm"] == "ECDSA"


def test_a_request_needs_no_subject_and_no_names(tls, key):
    made = tls.create("CertRequest", {"privateKeyPem": key})
    request = x509.load_pem_x509_csr(made.outputs["certRequestPem"].encode())
    assert list(request.subject) == []
    assert list(request.extensions) == []


def test_a_signer_takes_over_the_names_but_no_email_address(tls, key, authority):
    request = tls.create("CertRequest", {"privateKeyPem": key, "subject": SUBJECT, **SANS}).outputs["certRequestPem"]
    inputs = {**authority, "certRequestPem": request, "validityPeriodHours": 1, "allowedUses": []}
    certificate = _certificate(tls.create("LocallySignedCert", inputs))
    assert _names(certificate.subject) == NAMED
    assert certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS) == []
    _assert_sans(certificate)


def test_a_self_signed_certificate_is_its_own_issuer(tls, key):
    inputs = {"privateKeyPem": key, "subject": SUBJECT, "validityPeriodHours": 1, "allowedUses": [], **SANS}
    certificate = _certificate(tls.create("SelfSignedCert", inputs))
    assert certificate.issuer == certificate.subject
    assert [one.rfc4514_attribute_name for one in certificate.subject][:3] == ["C", "ST", "L"]
    assert _names(certificate.subject) == NAMED
    certificate.verify_directly_issued_by(certificate)
    _assert_sans(certificate)
    assert not _extension(certificate, x509.SubjectAlternativeName).critical


def test_names_are_critical_where_there_is_no_subject(tls, key):
    inputs = {"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": [], **SANS}
    assert _extension(_certificate(tls.create("SelfSignedCert", inputs)), x509.SubjectAlternativeName).critical


def test_an_address_that_ipv6_only_wraps_is_ipv4(tls, key):
    made = tls.create("CertRequest", {"privateKeyPem": key, "ipAddresses": ["::ffff:10.0.0.1"]})
    request = x509.load_pem_x509_csr(made.outputs["certRequestPem"].encode())
    names = _extension(request, x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("10.0.0.1")]


def test_allowed_uses_become_both_kinds_of_usage(tls, key):
    uses = ["server_auth", "digital_signature", "key_agreement", "encipher_only", "client_auth", "any_extended"]
    inputs = {"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": uses}
    certificate = _certificate(tls.create("SelfSignedCert", inputs))
    usage = _extension(certificate, x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.key_agreement, usage.value.encipher_only) == (True, True, True)
    others = (usage.value.key_encipherment, usage.value.key_cert_sign, usage.value.decipher_only)
    assert others == (False, False, False)
    identifiers = [one.dotted_string for one in _extension(certificate, x509.ExtendedKeyUsage).value]
    assert identifiers == ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"]


@pytest.mark.parametrize("length", [None, -1, 0, 2])
def test_a_ca_has_its_path_length(tls, key, length):
    options = {} if length is None else {"maxPathLength": length}
    certificate = x509.load_pem_x509_certificate(tls.authority(key, **options)["caCertPem"].encode())
    constraints = _extension(certificate, x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, None if length in (None, -1) else length)


def test_a_leaf_says_that_it_is_no_ca(tls, key, authority):
    leaf = x509.load_pem_x509_certificate(tls.signed(authority, key, "leaf").encode())
    assert _extension(leaf, x509.BasicConstraints).value == x509.BasicConstraints(ca=False, path_length=None)


@pytest.mark.parametrize("algorithm", ["RSA", "ECDSA"])
def test_key_identifiers_are_set_where_asked_and_link_the_chain(tls, algorithm):
    key = tls.key(algorithm)
    authority = tls.authority(key)
    root = x509.load_pem_x509_certificate(authority["caCertPem"].encode())
    plain = x509.load_pem_x509_certificate(tls.signed(authority, key, "plain").encode())
    marked = x509.load_pem_x509_certificate(tls.signed(authority, key, "marked", setSubjectKeyId=True).encode())
    identifier = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    assert _extension(root, x509.SubjectKeyIdentifier).value == identifier
    assert _extension(plain, x509.AuthorityKeyIdentifier).value.key_identifier == identifier.digest
    assert _extension(marked, x509.SubjectKeyIdentifier).value == identifier
    with pytest.raises(x509.ExtensionNotFound):
        _extension(plain, x509.SubjectKeyIdentifier)


def test_a_self_signed_certificate_refers_to_itself_where_asked(tls, key):
    inputs = {"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": []}
    marked = tls.create("SelfSignedCert", inputs | {"setSubjectKeyId": True, "setAuthorityKeyId": True})
    certificate = _certificate(marked)
    subject = _extension(certificate, x509.SubjectKeyIdentifier).value
    assert _extension(certificate, x509.AuthorityKeyIdentifier).value.key_identifier == subject.digest


def test_the_validity_is_that_of_the_certificate_and_in_rfc3339(tls, key):
    made = tls.create("SelfSignedCert", {"privateKeyPem": key, "validityPeriodHours": 36, "allowedUses": []})
    certificate = _certificate(made)
    start, end = (datetime.fromisoformat(made.outputs[name]) for name in ("validityStartTime", "validityEndTime"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", made.outputs["validityEndTime"])
    assert end - start == timedelta(hours=36)
    assert certificate.not_valid_before_utc == start.replace(microsecond=0)
    assert certificate.not_valid_after_utc == end.replace(microsecond=0)
    assert made.id == made.outputs["id"] == str(certificate.serial_number)


def test_serial_numbers_differ_and_fit_16_bytes(tls, key):
    inputs = {"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": []}
    serials = {int(tls.create("SelfSignedCert", inputs).id) for _ in range(20)}
    assert len(serials) == 20
    assert max(serials).bit_length() <= 128


@pytest.mark.parametrize(
    ("curve", "name"), [("P224", "sha256"), ("P256", "sha256"), ("P384", "sha384"), ("P521", "sha512")]
)
def test_the_hash_of_the_signature_fits_the_curve(tls, curve, name):
    inputs = {"privateKeyPem": tls.key(ecdsaCurve=curve), "validityPeriodHours": 1, "allowedUses": []}
    assert _certificate(tls.create("SelfSignedCert", inputs)).signature_hash_algorithm.name == name
