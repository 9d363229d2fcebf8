"""Host names: wildcards at dots, and an index that finds what a look at all would."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.routing.hosts import (
    HostIndex,
    covers,
    example,
    full_name,
    meets,
    narrower,
    suffixes,
    without_port,
)

hosts = st.builds(
    lambda wild, labels: ("*." if wild else "") + ".".join(labels) if labels else "*",
    st.booleans(),
    st.lists(st.sampled_from(["a", "b", "ab"]), max_size=3),
)


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        ("*", "x", True),
        ("*.x", "a.x", True),
        ("*.x", "b.a.x", True),
        ("*.x", "x", False),
        ("*.x", "ax", False),
        ("*.x", "*.a.x", True),
        ("*.a.x", "*.x", False),
        ("a.x", "*.x", False),
        ("a.x", "a.x", True),
    ],
)
def test_a_wildcard_covers_what_ends_in_it_at_a_dot(pattern, host, expected):
    assert covers(pattern, host) is expected


@given(hosts, hosts)
def test_a_wildcard_covers_at_dots_only(one, other):
    assert covers(one, one)
    if covers(one, other) and one not in (other, "*"):
        assert one.startswith("*.")
        assert other.endswith(one.removeprefix("*"))
    assert meets(one, other) is meets(other, one)


@given(hosts, hosts)
def test_hosts_that_meet_have_a_name_in_common(one, other):
    if meets(one, other):
        common = narrower(one, other)
        assert covers(one, example(common))
        assert covers(other, example(common))


@given(hosts)
def test_the_wildcards_above_a_host_cover_it_from_the_narrowest_on(host):
    above = list(suffixes(host))
    assert all(covers(one, host) and one != host for one in above)
    assert all(covers(wider, one) for one, wider in itertools.pairwise(above))


@given(st.lists(hosts, max_size=8), hosts)
def test_the_index_finds_what_a_look_at_all_would(filed, host):
    index = HostIndex()
    for number, one in enumerate(filed):
        index.add(one, number)
    assert sorted(index.covering(host)) == [number for number, one in enumerate(filed) if covers(one, host)]


def test_short_names_are_of_their_own_namespace():
    assert full_name("Shop", "a", "cluster.local") == "shop.a.svc.cluster.local"
    assert full_name("shop.b", "a", "cluster.local") == "shop.b"
    assert full_name("*", "a", "cluster.local") == "*"


@pytest.mark.parametrize(
    ("authority", "host"),
    [("Shop.Example:80", "shop.example"), ("shop.", "shop"), ("[::1]:80", "::1"), ("fe80::1", "fe80::1"), ("x", "x")],
)
def test_an_authority_may_have_a_port(authority, host):
    assert without_port(authority) == host
