"""A tls provider, the few calls that its tests make of it, and keys that are made once."""

import pytest

from tenantmesh.engine.provider import Ambient, Checked, Created, Diff, Found, Resource
from tenantmesh.engine.providers.tls import TlsProvider


class Tls:
    """Calls the provider with a type's short name, as a program would."""

    def __init__(self):
        self.provider = TlsProvider(Ambient())

    def resource(self, kind: str) -> Resource:
        token = f"tls:index/{kind[0].lower()}{kind[1:]}:{kind}"
        return Resource(urn=f"urn:pulumi:dev::demo::{token}::it", type=token, name="it")

    def check(self, kind: str, inputs: dict) -> Checked:
        return self.provider.check(self.resource(kind), {}, inputs)

    def create(self, kind: str, inputs: dict) -> Created:
        checked = self.check(kind, inputs)
        assert checked.failures == ()
        return self.provider.create(self.resource(kind), checked.inputs, preview=False)

    def preview(self, kind: str, inputs: dict) -> dict:
        return self.provider.create(self.resource(kind), inputs, preview=True).outputs

    def diff(self, kind: str, old: Created, inputs: dict) -> Diff:
        return self.provider.diff(self.resource(kind), old.id, old, {}, inputs)

    def update(self, kind: str, old: Created, inputs: dict) -> Created:
        return self.provider.update(self.resource(kind), old.id, old, {}, inputs, preview=False)

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
