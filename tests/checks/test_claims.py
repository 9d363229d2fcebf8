"""A name belongs to one tenant, also under a wildcard."""

import pytest

from tenantmesh.checks.claim import Claim
from tenantmesh.checks.claims import overlaps
from tenantmesh.checks.rules.routing import EGRESS_OVERLAP, HOST_OVERLAP
from tenantmesh.manifest import ManifestObject


def claim(tenant, name, *, rule=HOST_OVERLAP, private=False):
    body = {"apiVersion": "v1", "kind": "Gateway", "metadata": {"namespace": tenant, "name": "gateway"}}
    thing = ManifestObject(body=body)
    return Claim(rule=rule, what="host", name=name, tenant=tenant, object=thing, private=private)


def touched(*claims):
    return sorted(one.tenants for one in overlaps(claims))


@pytest.mark.parametrize(
    ("mine", "theirs", "meet"),
    [
        ("a.example.com", "a.example.com", True),
        ("a.example.com", "*.example.com", True),
        ("b.a.example.com", "*.example.com", True),
        ("*.a.example.com", "*.example.com", True),
        ("a.example.com", "*", True),
        ("example.com", "*.example.com", False),
        ("xexample.com", "*.example.com", False),
        ("a.example.com", "b.example.com", False),
    ],
)
def test_names_meet_when_they_are_equal_or_one_is_under_the_others_wildcard(mine, theirs, meet):
    expected = [("acme", "globex")] if meet else []
    assert touched(claim("acme", mine), claim("globex", theirs)) == expected
    assert touched(claim("globex", theirs), claim("acme", mine)) == expected


def test_a_tenant_may_claim_a_name_twice():
    assert touched(claim("acme", "a.example.com"), claim("acme", "*.example.com"), claim("acme", "a.example.com")) == []


def test_claims_of_two_rules_do_not_meet():
    assert touched(claim("acme", "a.example.com"), claim("globex", "a.example.com", rule=EGRESS_OVERLAP)) == []


def test_two_private_claims_do_not_meet_but_a_seen_one_meets_both():
    private = [claim(name, "api.example.org", private=True) for name in ("acme", "globex")]
    assert touched(*private) == []
    assert touched(*private, claim("initech", "api.example.org")) == [("acme", "initech"), ("globex", "initech")]


def test_a_name_of_many_tenants_is_told_once_for_each_further_tenant():
    """Not once for each two of them."""
    assert len(touched(*(claim(f"t{at}", "a.example.com") for at in range(50)))) == 49
