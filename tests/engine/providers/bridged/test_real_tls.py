"""The tables of `tls` against the real provider, wherever its plugin is installed."""

import pytest

from tenantmesh.engine.provider import Created
from tenantmesh.engine.values import UNKNOWN

pytestmark = pytest.mark.pulumi

NAMES = {
    "organization": "Acme, Inc",
    "commonName": "*.acme.example.com",
    "organizationalUnit": "Mesh",
    "streetAddresses": ["9 Back yard", "1 Main St"],
    "locality": "Zürich",
    "province": "ZH",
    "country": "CH",
    "postalCode": "8001",
    "serialNumber": "42",
    "emailAddress": "ops@acme.example.com",
}
CERTIFICATE = {"validityPeriodHours": 24, "allowedUses": ["server_auth", "cert_signing"]}
CERTIFICATE_CHANGES = [
    {"validityPeriodHours": 25},
    {"validityPeriodHours": UNKNOWN},
    {"allowedUses": ["cert_signing", "client_auth"]},
    {"earlyRenewalHours": 2},
    {"earlyRenewalHours": 24},
    {"isCaCertificate": False},
    {"maxPathLength": 1},
    {"setSubjectKeyId": True},
]
SUBJECT_CHANGES = [
    {"subject": {"commonName": "b", "country": "CH"}},
    {"subject": None},
    {"subject": {"commonName": UNKNOWN, "organization": "o", "streetAddresses": ["1"]}},
    {"dnsNames": ["b", "a"]},
    {"ipAddresses": ["10.0.0.1"]},
    {"uris": ["spiffe://a/b"]},
    {"privateKeyPem": UNKNOWN},
]


@pytest.fixture(scope="module")
def cases(tls_pair):
    """Inputs and changes of every tls resource, with keys made here."""

    def make(kind, inputs):
        return tls_pair.create(kind, inputs).outputs

    key = make("PrivateKey", {"algorithm": "ECDSA", "ecdsaCurve": "P256"})["privateKeyPem"]
    subject = {"subject": {"commonName": "a", "organization": "o", "streetAddresses": ["1", "2"]}}
    holder = {"privateKeyPem": key, **subject, "dnsNames": ["a", "b"]}
    root = make("SelfSignedCert", holder | CERTIFICATE | {"isCaCertificate": True})["certPem"]
    request = make("CertRequest", holder)["certRequestPem"]
    signer = {"caCertPem": root, "caPrivateKeyPem": key, "certRequestPem": request}
    return {
        "PrivateKey": ({"algorithm": "ED25519"}, [{"rsaBits": 4096}, {"ecdsaCurve": "P256"}, {"algorithm": "RSA"}]),
        "CertRequest": (holder, SUBJECT_CHANGES),
        "SelfSignedCert": (
            holder | CERTIFICATE | {"isCaCertificate": True},
            [*CERTIFICATE_CHANGES, *SUBJECT_CHANGES, {"setAuthorityKeyId": True}],
        ),
        "LocallySignedCert": (
            signer | CERTIFICATE | {"isCaCertificate": True},
            [*CERTIFICATE_CHANGES, *({name: UNKNOWN} for name in signer)],
        ),
    }


@pytest.mark.parametrize("kind", ["PrivateKey", "CertRequest", "SelfSignedCert", "LocallySignedCert"])
def test_a_resource_lives_the_same_life(tls_pair, cases, kind):
    tls_pair.same_life(kind, *cases[kind])


@pytest.mark.parametrize("end", ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.123456789+02:00"])
@pytest.mark.parametrize("kind", ["SelfSignedCert", "LocallySignedCert"])
def test_an_expired_certificate_is_replaced_alike(tls_pair, cases, kind, end):
    inputs = cases[kind][0]
    made = tls_pair.create(kind, inputs)
    expired = Created(id=made.id, outputs=made.outputs | {"validityEndTime": end})
    found = tls_pair.ours.diff(tls_pair.resource(kind), expired.id, expired, inputs, inputs)
    assert found.replaces == ("readyForRenewal",)
    tls_pair.same_reads(kind, expired, inputs)
    tls_pair.same_diffs(kind, expired, inputs, [])


@pytest.mark.parametrize("algorithm", ["RSA", "ECDSA", "ED25519"])
def test_the_functions_answer_the_same(tls_pair, algorithm):
    key = tls_pair.create("PrivateKey", {"algorithm": algorithm}).outputs["privateKeyPem"]
    inputs = {"privateKeyPem": key, "isCaCertificate": True, "maxPathLength": 3, "subject": NAMES} | CERTIFICATE
    certificate = tls_pair.create("SelfSignedCert", inputs).outputs["certPem"]
    for name, arguments in (("PublicKey", {"privateKeyPem": key}), ("Certificate", {"content": certificate})):
        token = f"tls:index/get{name}:get{name}"
        assert tls_pair.ours.invoke(token, arguments) == tls_pair.real.invoke(token, arguments)


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("PrivateKey", {"algorithm": "DSA", "ecdsaCurve": "P1"}),
        ("LocallySignedCert", {}),
        (
            "SelfSignedCert",
            {
                "privateKeyPem": "x",
                "validityPeriodHours": -1,
                "allowedUses": ["flying"],
                "earlyRenewalHours": -1,
                "maxPathLength": -2,
                "ipAddresses": [""],
                "uris": [""],
            },
        ),
    ],
)
def test_as_many_failures_are_found(tls_pair, kind, inputs):
    resource = tls_pair.resource(kind)
    found = tls_pair.ours.check(resource, {}, inputs).failures
    assert len(found) == len(tls_pair.real.check(resource.urn, inputs)[1])
