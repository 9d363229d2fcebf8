"""Names that only one tenant may own."""

import pytest

from tenantmesh.errors import OwnershipError
from tenantmesh.spec.ownership import Claim, ClaimKind, Registry


def host(value, owner):
    return Claim(ClaimKind.HOST, value, owner)


@pytest.mark.parametrize(
    ("taken", "wanted"),
    [
        ("a.example.com", "a.example.com"),
        ("*.example.com", "a.example.com"),
        ("*.example.com", "x.a.example.com"),
        ("a.example.com", "*.example.com"),
        ("*.a.example.com", "*.example.com"),
        ("*.example.com", "*.a.example.com"),
    ],
)
def test_overlapping_hosts_of_two_tenants_are_refused_with_both_named(taken, wanted):
    registry = Registry()
    registry.claim([host(taken, "acme")])
    with pytest.raises(OwnershipError) as caught:
        registry.claim([host(wanted, "globex")])
    assert "'acme'" in str(caught.value)
    assert "'globex'" in str(caught.value)


def test_hosts_side_by_side_are_nobody_elses_business():
    registry = Registry()
    registry.claim([host("a.example.com", "acme"), host("*.a.example.com", "acme")])
    registry.claim([host("b.example.com", "globex"), host("ba.example.com", "globex"), host("example.com", "globex")])
    assert registry.owner(ClaimKind.HOST, "b.example.com") == "globex"


def test_all_clashes_are_said_at_once_and_nothing_is_taken():
    registry = Registry()
    registry.claim([Claim(ClaimKind.NODE_PORT, "31080", "acme"), Claim(ClaimKind.NAMESPACE, "acme", "acme")])
    wanted = [Claim(ClaimKind.NODE_PORT, port, "globex") for port in ("31080", "31081")]
    with pytest.raises(OwnershipError) as caught:
        registry.claim([*wanted, Claim(ClaimKind.NAMESPACE, "acme", "globex")])
    assert caught.value.problems == (
        "namespace 'acme' of tenant 'globex' is already owned by tenant 'acme'",
        "node port '31080' of tenant 'globex' is already owned by tenant 'acme'",
    )
    assert registry.owner(ClaimKind.NODE_PORT, "31081") == ""


def test_an_owner_may_claim_again_what_it_has():
    registry = Registry()
    for _ in range(2):
        registry.claim([host("*.example.com", "acme"), host("a.example.com", "acme")])
    assert registry.owner(ClaimKind.HOST, "a.example.com") == "acme"


def test_the_same_word_of_another_kind_is_another_name():
    registry = Registry()
    registry.claim([host("api.example.com", "acme")])
    registry.claim([Claim(ClaimKind.EGRESS_HOST, "api.example.com", "globex")])
    assert registry.owner(ClaimKind.EGRESS_HOST, "api.example.com") == "globex"
