"""The example `signers`: nothing of it without roots, and with them a signer for each tenant."""

import json

import pytest

from tests.authorities import Authority
from tests.examples.programs import objects, objects_of

ROOTS = {name: Authority(name=name).root for name in ("clinic", "pharmacy")}


@pytest.fixture(scope="module")
def found():
    return objects_of("signers", {"roots": json.dumps(ROOTS)}, None)


def test_without_roots_istiod_signs():
    assert objects("signers").names("ProxyConfig") == []


def test_proxies_of_each_tenant_ask_for_its_signer(found):
    for tenant in ROOTS:
        spec = found.spec("ProxyConfig", "signer", tenant)
        assert spec == {"environmentVariables": {"ISTIO_META_CERT_SIGNER": tenant}}


def test_istiod_knows_each_signer_and_its_root(found):
    (mesh,) = [one for one in found.evaluation.resources if one.type == "tenantmesh:index:Mesh"]
    values = mesh.outputs["helmValues"]
    names = [f"clusterissuers.cert-manager.io/{tenant}" for tenant in ROOTS]
    assert values["global"]["certSigners"] == names
    entries = values["meshConfig"]["caCertificates"]
    assert {one["certSigners"][0]: one["pem"] for one in entries} == dict(zip(names, ROOTS.values(), strict=True))
