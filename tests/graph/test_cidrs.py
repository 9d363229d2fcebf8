"""Blocks of addresses against looking at every address."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.cidrs import Block, block, uncovered

WHOLE = ip_network("192.0.2.0/28")
nets = st.integers(28, 32).flatmap(lambda length: st.sampled_from(list(WHOLE.subnets(new_prefix=length))))


@given(nets, st.lists(nets, max_size=4), nets)
def test_covers_and_overlaps(network, excluded, other):
    """A block covers a network when it holds all its addresses, and overlaps it when it holds one."""
    held = {address for address in WHOLE if address in Block(network, tuple(excluded))}
    assert Block(network, tuple(excluded)).covers(other) == held.issuperset(other)
    assert Block(network, tuple(excluded)).overlaps(other) == bool(held.intersection(other))


@given(nets, st.lists(nets, max_size=4))
def test_uncovered_is_the_first_left(network, excluded):
    """The first address that nothing covers."""
    left = [address for address in network if not any(address in one for one in excluded)]
    assert uncovered(network, excluded) == (left[0] if left else None)


def test_families_do_not_meet():
    """An address of one version is in no block of the other."""
    everything = block({"cidr": "0.0.0.0/0", "except": ["::/0"]})
    assert isinstance(everything, Block)
    assert everything.covers(ip_network("10.0.0.0/8"))
    assert not everything.overlaps(ip_network("fd00::/8"))


@pytest.mark.parametrize(
    "body",
    [
        {"cidr": "10.0.0.0"},
        {"cidr": "ten"},
        {"cidr": "10.0.0.0/8", "except": ["x"]},
        {"cidr": "10.0.0.0/8", "not": []},
        {},
        None,
    ],
)
def test_what_is_no_block_says_so(body):
    """The reason comes back as text."""
    assert isinstance(block(body), str)
