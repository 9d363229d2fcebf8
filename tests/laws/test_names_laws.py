"""Laws of names: whatever tenants are called, they never meet."""

from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.errors import OwnershipError
from tenantmesh.spec.hosts import covers, overlap
from tenantmesh.spec.names import LONGEST, joined, label_of_host, namespace_name, part_problem, tenant_problem
from tenantmesh.spec.ownership import Claim, ClaimKind, Registry

PARTS = st.from_regex(r"[a-d0-1]([-a-d0-1]{0,61}[a-d0-1])?", fullmatch=True).filter(lambda name: not part_problem(name))
TENANTS = PARTS.filter(lambda name: not tenant_problem(name))
LABELS = st.from_regex(r"[a-c](-?[a-c]){0,2}", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=2, max_size=4).map(".".join)
PATTERNS = st.tuples(st.sampled_from(["", "*."]), HOSTS).map("".join)


@given(st.tuples(TENANTS, PARTS | st.just("")), st.tuples(TENANTS, PARTS | st.just("")))
def test_two_namespaces_never_have_one_name(one, other):
    assert (namespace_name(*one) == namespace_name(*other)) == (one == other)


@given(st.lists(PARTS, min_size=1, max_size=4), st.lists(PARTS, min_size=1, max_size=4))
def test_joining_different_parts_never_gives_one_name(one, other):
    assert (joined(*one) == joined(*other)) == (one == other)


@given(TENANTS, PARTS)
def test_a_namespace_is_a_dns_label_that_says_whose_it_is(tenant, part):
    name = namespace_name(tenant, part)
    assert len(name) <= LONGEST
    assert name.startswith(f"{tenant}--")


@given(HOSTS, HOSTS)
def test_two_hosts_never_have_one_label(one, other):
    assert (label_of_host(one) == label_of_host(other)) == (one == other)


@given(PATTERNS, PATTERNS, HOSTS)
def test_patterns_that_cover_one_host_overlap(one, other, host):
    if covers(one, host) and covers(other, host):
        assert overlap(one, other)
    assert overlap(one, other) == overlap(other, one)


@given(st.lists(st.tuples(st.sampled_from(["acme", "globex", "initech"]), PATTERNS), max_size=12))
def test_no_two_tenants_ever_own_overlapping_hosts(wanted):
    """The registry, which looks names up, agrees with comparing all pairs."""
    registry, granted = Registry(), []
    for owner, pattern in wanted:
        free = all(owner == other or not overlap(pattern, taken) for other, taken in granted)
        try:
            registry.claim([Claim(ClaimKind.HOST, pattern, owner)])
        except OwnershipError:
            assert not free
        else:
            assert free
            granted.append((owner, pattern))
