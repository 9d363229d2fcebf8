"""What is refused, how it is said, and that nothing said holds key material."""

import re

import pytest

from tenantmesh.errors import ProviderError


def test_every_wrong_input_is_named_at_once(tls):
    inputs = {
        "privateKeyPem": {"no": "text"},
        "validityPeriodHours": -1,
        "allowedUses": ["server_auth", "flying"],
        "ipAddresses": ["10.0.0.256", ""],
        "uris": [""],
        "earlyRenewalHours": -2,
        "maxPathLength": -3,
        "subject": {"country": "Switzerland", "commonName": "x" * 65, "locality": []},
    }
    failures = tls.check("SelfSignedCert", inputs).failures
    assert sorted(failure.property for failure in failures) == [
        "allowedUses",
        "earlyRenewalHours",
        "ipAddresses",
        "ipAddresses",
        "maxPathLength",
        "privateKeyPem",
        "subject.locality",
        "uris",
        "validityPeriodHours",
    ]


@pytest.mark.parametrize(
    ("kind", "inputs", "wrong"),
    [
        ("PrivateKey", {}, {"algorithm"}),
        ("PrivateKey", {"algorithm": "DSA"}, {"algorithm"}),
        ("PrivateKey", {"algorithm": "ECDSA", "ecdsaCurve": "P192", "rsaBits": "many"}, {"ecdsaCurve", "rsaBits"}),
        ("CertRequest", {}, {"privateKeyPem"}),
        ("SelfSignedCert", {}, {"privateKeyPem", "validityPeriodHours", "allowedUses"}),
        (
            "LocallySignedCert",
            {"allowedUses": ["encipher_only"]},
            {"caCertPem", "caPrivateKeyPem", "certRequestPem", "validityPeriodHours", "allowedUses"},
        ),
        (
            "CertRequest",
            {"privateKeyPem": "k", "subject": {"country": "CHE", "commonName": "x" * 65}},
            {"subject.country", "subject.commonName"},
        ),
    ],
)
def test_a_wrong_input_is_named_by_its_path(tls, kind, inputs, wrong):
    assert {failure.property for failure in tls.check(kind, inputs).failures} == wrong


@pytest.mark.parametrize("bits", [1, 512])
def test_a_key_that_is_too_short_is_refused(tls, bits):
    with pytest.raises(ProviderError, match=f"rsaBits is {bits}"):
        tls.create("PrivateKey", {"algorithm": "RSA", "rsaBits": bits})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"setAuthorityKeyId": True}, "setSubjectKeyId"),
        ({"isCaCertificate": True}, "a CA needs a subject"),
        ({"maxPathLength": 1}, "maxPathLength is for a CA"),
        ({"dnsNames": ["zürich.example.com"]}, "can't be made"),
        ({"validityPeriodHours": 10**9}, "9999"),
    ],
)
def test_what_only_shows_when_it_is_made_is_an_error_then(tls, key, changes, message):
    inputs = {"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": []} | changes
    with pytest.raises(ProviderError, match=message):
        tls.create("SelfSignedCert", inputs)


def test_a_ca_certificate_and_the_key_of_another_are_refused(tls, key, other_key, authority):
    with pytest.raises(ProviderError, match="not the key of caCertPem"):
        tls.signed(authority | {"caPrivateKeyPem": other_key}, key, "leaf")


def _pieces(pem: str) -> set[str]:
    """Every eight characters in a row of a key's body."""
    body = "".join(line for line in pem.splitlines() if not line.startswith("-"))
    return {body[at : at + 8] for at in range(len(body) - 7)}


def _assert_silent(error: BaseException, pem: str) -> None:
    said: list[str] = []
    link: BaseException | None = error
    while link is not None:
        said.append(f"{link} {link!r}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    assert not any(piece in text for text in said for piece in _pieces(pem))


def _broken(pem: str) -> list[str]:
    lines = pem.splitlines()
    return [
        "\n".join([lines[0], *lines[2:]]),
        "\n".join(lines[:-1]),
        "\n".join(lines[1:]),
        pem.replace("PRIVATE", "PUBLIC"),
        pem.replace("EC PRIVATE", "RSA PRIVATE"),
        re.sub(r"[^-]\n", "!\n", pem),
    ]


@pytest.mark.parametrize("damage", range(6))
def test_no_error_repeats_a_broken_key(tls, key, authority, damage):
    text = _broken(key)[damage]
    request = tls.create("CertRequest", {"privateKeyPem": key}).outputs["certRequestPem"]
    certificate = {"validityPeriodHours": 1, "allowedUses": []}
    attempts = [
        lambda: tls.create("CertRequest", {"privateKeyPem": text}),
        lambda: tls.create("SelfSignedCert", {"privateKeyPem": text} | certificate),
        lambda: tls.create(
            "LocallySignedCert", authority | {"caPrivateKeyPem": text, "certRequestPem": request} | certificate
        ),
        lambda: tls.create(
            "LocallySignedCert", authority | {"caCertPem": key, "certRequestPem": request} | certificate
        ),
        lambda: tls.create("LocallySignedCert", authority | {"certRequestPem": key} | certificate),
        lambda: tls.provider.invoke("tls:index/getPublicKey:getPublicKey", {"privateKeyPem": text}),
        lambda: tls.provider.invoke("tls:index/getPublicKey:getPublicKey", {"privateKeyOpenssh": text}),
        lambda: tls.provider.invoke("tls:index/getCertificate:getCertificate", {"content": text}),
    ]
    for attempt in attempts:
        with pytest.raises(ProviderError) as caught:
            attempt()
        _assert_silent(caught.value, key)


def test_a_key_in_the_wrong_place_is_not_repeated(tls, key):
    wrong = {"algorithm": key, "rsaBits": key, "ecdsaCurve": key, "subject": key, "dnsNames": key}
    for kind in ("PrivateKey", "CertRequest"):
        for failure in tls.check(kind, wrong).failures:
            assert not any(piece in failure.reason for piece in _pieces(key))


def test_nothing_is_imported(tls):
    with pytest.raises(ProviderError, match="can't be imported"):
        tls.provider.read(tls.resource("PrivateKey"), "some-id", {}, {})
