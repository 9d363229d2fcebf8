"""Which ProxyConfigs only say who signs."""

import pytest

from tenantmesh.graph.signing import only_signer

SIGNER = {"ISTIO_META_CERT_SIGNER": "acme"}


def test_a_signer_alone_is_nothing_else():
    assert only_signer({"environmentVariables": SIGNER})


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"environmentVariables": {}},
        {"environmentVariables": {**SIGNER, "PROXY_CONFIG_XDS_AGENT": "true"}},
        {"environmentVariables": {"ISTIO_META_DNS_CAPTURE": "true"}},
        {"environmentVariables": SIGNER, "concurrency": 1},
        {"environmentVariables": SIGNER, "image": {"imageType": "debug"}},
        {"environmentVariables": ["ISTIO_META_CERT_SIGNER"]},
    ],
)
def test_anything_beside_it_is_more(spec):
    assert not only_signer(spec)
