"""Issuers of the cluster: a private one that signs for two tenants is an authority that they share."""

import pytest

from tests.checks.breaches import of_rule, proven

CERTIFICATE = """
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {{name: front, namespace: {tenant}}}
spec:
  secretName: front
  issuerRef: {{group: cert-manager.io, kind: ClusterIssuer, name: {issuer}}}
"""
ISSUER = """
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {{name: house}}
spec: {{{spec}}}
"""
PRIVATE, PUBLIC = ISSUER.format(spec="ca: {secretName: house}"), ISSUER.format(spec="acme: {}")


def signed(**issuers):
    return [CERTIFICATE.format(tenant=tenant, issuer=issuer) for tenant, issuer in issuers.items()]


def test_a_private_issuer_that_signs_for_two_tenants_is_an_authority_of_both():
    (found,) = of_rule(proven(PRIVATE, *signed(acme="house", globex="house")), "shared-authority")
    assert found.tenants == ("acme", "globex")
    assert {str(one.key) for one in found.objects} == {
        "Certificate acme/front",
        "Certificate globex/front",
    }
    assert "one authority of ClusterIssuer house is at " in found.message


@pytest.mark.parametrize(
    "texts",
    [
        (PUBLIC, *signed(acme="house", globex="house")),
        (PRIVATE, *signed(acme="house")),
        (PRIVATE, *signed(**{"acme": "house", "istio-system": "house"})),
    ],
    ids=["public", "one tenant's", "a tenant's and the mesh's"],
)
def test_any_other_issuer_is_no_breach(texts):
    found = proven(*texts)
    assert of_rule(found, "shared-authority") == []
    assert not any("ClusterIssuer" in one.message for one in of_rule(found, "not-understood"))


def test_of_an_issuer_that_is_not_there_nobody_knows_whose_authority_it_is():
    found = proven(*signed(acme="house", globex="house"))
    assert of_rule(found, "shared-authority") == []
    (doubt,) = [one for one in of_rule(found, "not-understood") if "ClusterIssuer house" in one.message]
    assert doubt.tenants == ("acme", "globex")
    assert "put it beside" in doubt.fix
