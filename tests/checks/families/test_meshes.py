"""Other meshes: whom of them a tenant's policies let in, and what their roots may sign."""

import pytest

from tests.checks.breaches import of_rule, proven

MESH = """
apiVersion: v1
kind: ConfigMap
metadata: {{name: istio, namespace: istio-system}}
data:
  mesh: |
    trustDomainAliases: [{aliases}]
    caCertificates:
    - trustDomains: [{domains}]
      {root}
"""
LIMITED = 'pem: "<authority 1 for partner.example>"'
POLICY = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: {name}, namespace: acme}}
spec:
  action: {action}
  rules:
  - from:
    - source: {{{source}}}
"""


def mesh(root=LIMITED, domains="partner.example", aliases=""):
    return MESH.format(root=root, domains=domains, aliases=aliases)


def fence(source):
    return POLICY.format(name="fence", action="DENY", source=source)


def allow(source):
    return POLICY.format(name="allow-own", action="ALLOW", source=source)


def let_in(*texts):
    return of_rule(proven(*texts), "foreign-trust-domain")


def test_fenced_tenants_let_in_nobody_of_another_mesh():
    found = proven(mesh())
    assert not found.findings
    assert not any("trust domain" in one for one in found.assumptions)


@pytest.mark.parametrize(
    ("source", "who"),
    [
        ("principals: [partner.example/ns/acme/sa/*]", "partner.example/ns/acme/sa/any"),
        ("principals: [partner.example/ns/shop/sa/web]", "partner.example/ns/shop/sa/web"),
        ('principals: ["*/ns/acme/sa/web"]', "partner.example/ns/acme/sa/"),
        ("namespaces: [shop]", "partner.example/ns/shop/sa/any"),
        ("trustDomains: [partner.example]", "partner.example/ns/any/sa/any"),
        ('principals: ["*"]', "partner.example/ns/any/sa/any"),
    ],
)
def test_whom_of_another_mesh_a_policy_lets_in_is_found(source, who):
    """With a fence that leaves out whom the ALLOW names."""
    left_out = source.replace("principals", "notPrincipals").replace("namespaces", "notNamespaces")
    left_out = left_out.replace("trustDomains", "notTrustDomains")
    (found,) = let_in(mesh(), fence(left_out), allow(source))
    assert found.witness.startswith(f"spiffe://{who}")
    assert {str(one.key) for one in found.objects} == {"AuthorizationPolicy acme/allow-own"}
    assert "the trust domain partner.example" in found.message


def test_the_fence_keeps_out_whom_an_allow_names():
    assert let_in(mesh(), allow('principals: ["*"]')) == []


def test_without_a_bundle_another_trust_domain_is_nobodys():
    source = "rincipals: [partner.example/ns/acme/sa/*]"
    assert let_in(fence(f"notP{source}"), allow(f"p{source}")) == []


def test_an_alias_is_no_other_mesh_and_is_told():
    found = proven(mesh(aliases="partner.example"))
    assert not found.findings
    (said,) = [one for one in found.assumptions if "partner.example" in one]
    assert "count as this mesh's own" in said


@pytest.mark.parametrize(
    ("root", "why"),
    [
        ('pem: "<authority 1>"', "CN=number 1 has no constraints on what it signs"),
        ('pem: "<authority 1 for cluster.local>"', "CN=number 1 may sign for cluster.local too"),
        ('pem: "<authority 1 for .example>"', "CN=number 1 may sign for .example too"),
        ("pem: nothing", "its certificates can't be read"),
        ("spiffeBundleUrl: https://partner.example/bundle", "what https://partner.example/bundle says is taken"),
    ],
)
def test_a_root_that_could_sign_for_others_is_found(root, why):
    (found,) = of_rule(proven(mesh(root)), "unlimited-root")
    assert f"caCertificates for partner.example: {why}" in found.message
    assert found.tenants == ("acme", "globex")
    assert {str(one.key) for one in found.objects} == {"ConfigMap istio-system/istio"}


def test_the_roots_of_signers_are_no_other_meshs():
    found = proven(mesh('pem: "<authority 1>"\n      certSigners: [signers.example.com/acme]', domains=""))
    assert not found.findings
    assert not any("caCertificates" in one for one in found.assumptions)


@pytest.mark.parametrize("domains", ["", "cluster.local"])
def test_a_second_root_of_the_mesh_itself_is_told(domains):
    found = proven(mesh('pem: "<authority 1>"', domains=domains))
    assert not found.findings
    assert any("signs for this mesh's own trust domain cluster.local" in one for one in found.assumptions)
