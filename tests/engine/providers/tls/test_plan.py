"""Defaults, previews, changes and renewal of keys, requests and certificates."""

from datetime import UTC, datetime, timedelta

import pytest

from tenantmesh.engine.provider import Created
from tenantmesh.engine.values import UNKNOWN, Secret

LEAF = {"validityPeriodHours": 4, "allowedUses": ["server_auth"]}
CERTIFICATE_DEFAULTS = {
    "earlyRenewalHours": 0,
    "isCaCertificate": False,
    "setSubjectKeyId": False,
    "readyForRenewal": False,
}


@pytest.fixture(scope="module")
def self_signed(key) -> dict:
    return {"privateKeyPem": key, "subject": {"commonName": "a", "organization": "o"}, "dnsNames": ["a", "b"], **LEAF}


@pytest.fixture(scope="module")
def locally_signed(tls, key, authority) -> dict:
    request = tls.create("CertRequest", {"privateKeyPem": key, "dnsNames": ["a"]}).outputs["certRequestPem"]
    return {**authority, "certRequestPem": request, **LEAF}


KEY_CHANGES = [
    ({"algorithm": "RSA"}, {"algorithm": "ED25519"}, {"algorithm"}),
    ({"algorithm": "ED25519"}, {"algorithm": "ED25519", "rsaBits": 3072}, {"rsaBits"}),
    ({"algorithm": "ECDSA"}, {"algorithm": "ECDSA", "ecdsaCurve": "P256"}, {"ecdsaCurve"}),
]


@pytest.mark.parametrize(("old", "new", "replaces"), KEY_CHANGES)
def test_any_change_of_a_key_makes_a_new_one(tls, old, new, replaces):
    change = tls.diff("PrivateKey", tls.create("PrivateKey", old), new)
    assert set(change.replaces) == replaces
    assert {"privateKeyPem", "publicKeyPem", "id"} < set(change.changed)


def test_a_default_that_is_written_out_is_no_change(tls):
    made = tls.create("PrivateKey", {"algorithm": "ED25519"})
    assert not tls.diff("PrivateKey", made, {"algorithm": "ED25519", "rsaBits": 2048, "ecdsaCurve": "P224"}).changes


SELF_SIGNED_CHANGES = [
    ({"subject": {"commonName": "b"}}, {"subject"}),
    ({"subject": None}, {"subject"}),
    ({"dnsNames": ["b", "a"]}, {"dnsNames"}),
    ({"ipAddresses": ["10.0.0.1"]}, {"ipAddresses"}),
    ({"uris": ["a://b"]}, {"uris"}),
    ({"validityPeriodHours": 5}, {"validityPeriodHours"}),
    ({"allowedUses": []}, {"allowedUses"}),
    ({"isCaCertificate": True}, {"isCaCertificate"}),
    ({"maxPathLength": 1}, {"maxPathLength"}),
    ({"setSubjectKeyId": True}, {"setSubjectKeyId"}),
    ({"setAuthorityKeyId": True}, {"setAuthorityKeyId"}),
    ({"privateKeyPem": UNKNOWN}, {"privateKeyPem"}),
    ({"earlyRenewalHours": 3}, set()),
]


@pytest.mark.parametrize(("changes", "replaces"), SELF_SIGNED_CHANGES)
def test_all_but_the_early_renewal_replaces_a_self_signed_certificate(tls, self_signed, changes, replaces):
    made = tls.create("SelfSignedCert", self_signed)
    change = tls.diff("SelfSignedCert", made, self_signed | changes)
    assert change.changes
    assert set(change.replaces) == replaces


@pytest.mark.parametrize("name", ["caCertPem", "caPrivateKeyPem", "certRequestPem", "validityPeriodHours"])
def test_whatever_a_signer_signed_with_replaces(tls, locally_signed, name):
    made = tls.create("LocallySignedCert", locally_signed)
    assert not tls.diff("LocallySignedCert", made, locally_signed).changes
    assert tls.diff("LocallySignedCert", made, locally_signed | {name: UNKNOWN}).replaces == (name,)


def test_a_replacement_shows_the_changed_parts_of_a_subject(tls, self_signed):
    made = tls.create("SelfSignedCert", self_signed)
    change = tls.diff("SelfSignedCert", made, self_signed | {"subject": {"commonName": "b", "country": "CH"}})
    assert {path: one.kind.value for path, one in change.detailed.items()} == {
        "subject.commonName": "update-replace",
        "subject.country": "add-replace",
        "subject.organization": "delete-replace",
    }


def test_an_earlier_renewal_keeps_the_certificate(tls, locally_signed):
    made = tls.create("LocallySignedCert", locally_signed)
    updated = tls.update("LocallySignedCert", made, locally_signed | {"earlyRenewalHours": 2})
    assert updated.id == made.id
    assert updated.outputs == made.outputs | {"earlyRenewalHours": 2}


def _aged(made: Created, hours: float) -> Created:
    """The certificate as it would be if it ended in so many hours."""
    end = (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    return Created(id=made.id, outputs=made.outputs | {"validityEndTime": end})


@pytest.mark.parametrize(("left", "early", "due"), [(1, 0, False), (-1, 0, True), (1, 2, True), (3, 2, False)])
def test_a_certificate_is_replaced_and_shown_as_ready_when_its_time_has_come(tls, self_signed, left, early, due):
    inputs = self_signed | {"earlyRenewalHours": early}
    aged = _aged(tls.create("SelfSignedCert", inputs), left)
    change = tls.diff("SelfSignedCert", aged, inputs)
    assert change.replaces == (("readyForRenewal",) if due else ())
    found = tls.refresh("SelfSignedCert", aged, inputs)
    assert found.outputs["readyForRenewal"] is due
    assert found.inputs == inputs


@pytest.mark.parametrize("changes", [{"validityPeriodHours": 0}, {"earlyRenewalHours": 4}])
def test_a_certificate_that_is_never_fresh_is_born_ready(tls, self_signed, changes):
    assert tls.create("SelfSignedCert", self_signed | changes).outputs["readyForRenewal"] is True


def test_a_time_with_an_offset_is_understood(tls, self_signed):
    """The real provider writes the local time zone."""
    made = tls.create("SelfSignedCert", self_signed)
    made.outputs["validityEndTime"] = "2020-01-01T00:00:00.5+05:30"
    assert tls.diff("SelfSignedCert", made, self_signed).replaces == ("readyForRenewal",)


def test_defaults_appear_in_the_outputs_and_not_in_the_checked_inputs(tls, self_signed, locally_signed):
    assert tls.check("SelfSignedCert", self_signed).inputs == self_signed
    for kind, inputs in (("SelfSignedCert", self_signed), ("LocallySignedCert", locally_signed)):
        outputs = tls.create(kind, inputs).outputs
        assert outputs.items() >= CERTIFICATE_DEFAULTS.items()
        assert "maxPathLength" not in outputs


def test_a_preview_knows_what_follows_from_the_inputs(tls, locally_signed):
    inputs = locally_signed | {"certRequestPem": UNKNOWN}
    outputs = tls.preview("LocallySignedCert", inputs)
    generated = ("certPem", "validityStartTime", "validityEndTime", "caKeyAlgorithm", "id", "maxPathLength")
    assert outputs == inputs | CERTIFICATE_DEFAULTS | dict.fromkeys(generated, UNKNOWN)


def test_a_preview_of_a_key_knows_no_part_of_it(tls):
    outputs = tls.preview("PrivateKey", {"algorithm": "RSA"})
    known = {name: value for name, value in outputs.items() if value is not UNKNOWN}
    assert known == {"algorithm": "RSA", "rsaBits": 2048, "ecdsaCurve": "P224"}
    assert len(outputs) == 11


def test_the_state_tells_how_to_rebuild_a_subject(tls, self_signed):
    delta = tls.create(
        "CertRequest", {"privateKeyPem": self_signed["privateKeyPem"], "subject": {"streetAddresses": []}}
    )
    nothing = Secret({"replace": {"raw": None}})
    fields = delta.outputs["__pulumi_raw_state_delta"]["obj"]["ps"]
    subject = fields["subject"]["plu"]["i"]["obj"]
    assert subject["renamed"] == {"streetAddresses": "street_address"}
    assert subject["ps"]["streetAddresses"] == {"arr": {}}
    assert subject["ps"]["commonName"] == fields["uris"] == nothing


def test_it_manages_all_four_types_and_leaves_nothing_behind(tls):
    kinds = ("PrivateKey", "CertRequest", "SelfSignedCert", "LocallySignedCert")
    assert tls.provider.types() == {tls.resource(kind).type for kind in kinds}
    assert tls.provider.locate(tls.resource("PrivateKey"), {}) is None
