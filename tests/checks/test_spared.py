"""A DENY that spares a tenant by name is found, though no ALLOW lets that tenant in yet."""

import pytest

from tests.checks.breaches import proven

GRANT = {
    "source": "globex",
    "destination": "acme",
    "service": "web",
    "ports": [8080],
    "methods": ["GET"],
    "paths": ["/v1/*"],
    "reason": "orders",
}
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


OTHER_PORTS = "- operation: {notPorts: ['8080']}"
OTHER_METHODS = "- operation: {ports: ['8080'], notMethods: [GET]}"
OTHER_PATHS = "- operation: {ports: ['8080'], notPaths: [/v1/*]}"
BEYOND = """
  - from:
    - source: {{principals: [cluster.local/ns/globex/sa/*]}}
    to:
    {}
"""


def beyond(*operations, **more):
    spared = "notPrincipals: [cluster.local/ns/acme/sa/*, cluster.local/ns/globex/sa/*]"
    fence = FENCE.format(spared=spared).rstrip("\n") + BEYOND.format("\n    ".join(operations))
    proof = proven("", fence, intent={"grants": [{**GRANT, **more}]})
    return [one.message.split("keeps ")[1] for one in proof.findings if one.rule.id == "deny-missing"]


def test_a_caller_is_kept_to_its_grant_by_a_deny_for_all_else():
    assert beyond(OTHER_PORTS, OTHER_METHODS, OTHER_PATHS) == []


@pytest.mark.parametrize(
    ("operations", "what"),
    [
        ((OTHER_METHODS, OTHER_PATHS), "pods of globex"),
        ((OTHER_PORTS, OTHER_PATHS), "other methods of globex"),
        ((OTHER_PORTS, OTHER_METHODS), "other paths of globex"),
    ],
)
def test_what_no_deny_keeps_a_caller_from_is_named(operations, what):
    assert beyond(*operations) == [f"{what} out, only that no ALLOW lets them in"]


def test_what_a_grant_leaves_open_needs_no_deny():
    assert beyond(OTHER_PORTS, methods=[], paths=[]) == []


def test_the_tenants_own_identities_are_spared_rightly():
    assert found("notPrincipals: [cluster.local/ns/acme/sa/*]") == []
