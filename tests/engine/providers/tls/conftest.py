"""A tls provider, called as a program would, and keys that are made once."""

import pytest

from tenantmesh.engine.provider import Ambient, Created, Found
from tenantmesh.engine.providers.tls import TlsProvider
from tests.engine.providers.calls import Calls


class Tls(Calls):
    def __init__(self):
        super().__init__(TlsProvider(Ambient()), lambda kind: f"tls:index/{kind[0].lower()}{kind[1:]}:{kind}")

    def refresh(self, kind: str, old: Created, inputs: dict) -> Found:
        found = self.provider.read(self.resource(kind), old.id, old.outputs, inputs)
        assert found is not None
        return found

    def key(self, algorithm: str = "ECDSA", **options) -> str:
        inputs = {"algorithm": algorithm, "ecdsaCurve": "P256", **options}
        return self.create("PrivateKey", inputs).outputs["privateKeyPem"]

    def authority(self, key: str, **options) -> dict:
        inputs = {
            "privateKeyPem": key,
            "subject": {"commonName": "root"},
            "isCaCertificate": True,
            "validityPeriodHours": 24,
            "allowedUses": ["cert_signing", "crl_signing"],
        }
        return {"caCertPem": self.create("SelfSignedCert", inputs | options).outputs["certPem"], "caPrivateKeyPem": key}

    def signed(self, authority: dict, key: str, subject: str, **options) -> str:
        request = {"privateKeyPem": key, "subject": {"commonName": subject}, "dnsNames": ["localhost"]}
        inputs = {
            **authority,
            "certRequestPem": self.create("CertRequest", request).outputs["certRequestPem"],
            "validityPeriodHours": 1,
            "allowedUses": ["digital_signature", "server_auth", "client_auth"],
        }
        return self.create("LocallySignedCert", inputs | options).outputs["certPem"]


@pytest.fixture(scope="session")
def tls() -> Tls:
    return Tls()


@pytest.fixture(scope="session")
def key(tls) -> str:
    return tls.key()


@pytest.fixture(scope="session")
def other_key(tls) -> str:
    return tls.key()


@pytest.fixture(scope="session")
def authority(tls, key) -> dict:
    return tls.authority(key)
