"""A DENY that spares a tenant by name is found, though no ALLOW lets that tenant in yet."""

import pytest

from tests.checks.breaches import proven

FENCE = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: fence, namespace: acme}}
spec:
  action: DENY
  rules:
  - from:
    - source: {{{spared}}}
"""


def found(spared):
    proof = proven("", FENCE.format(spared=spared))
    return [(one.tenants, one.message) for one in proof.findings if one.rule.id == "deny-missing"]


@pytest.mark.parametrize(
    "spared",
    [
        "notPrincipals: [cluster.local/ns/acme/sa/*, cluster.local/ns/globex/sa/*]",
        "notNamespaces: [acme, globex]",
    ],
)
def test_another_tenant_that_is_spared_is_named(spared):
    expected = "namespace acme: no DENY keeps pods of globex out, only that no ALLOW lets them in"
    assert found(spared) == [(("acme",), expected)]


def test_the_tenants_own_identities_are_spared_rightly():
    assert found("notPrincipals: [cluster.local/ns/acme/sa/*]") == []
