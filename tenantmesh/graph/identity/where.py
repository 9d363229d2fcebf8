"""Addresses that stand for somebody outside: one for each part of the address space that policies tell apart."""

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Final

from tenantmesh.graph.cidrs import Network, uncovered, within
from tenantmesh.graph.identity.circumstances import Networks, addresses

_WORLD: Final[Networks] = (ip_network("0.0.0.0/0"), ip_network("2000::/3"))


def places(texts: Iterable[str], pods: Networks) -> list[str]:
    """An address in each block of `texts` that is in no smaller one, and one in none; none is a pod's."""
    blocks: dict[Network, None] = dict.fromkeys((*_WORLD, *addresses(tuple(texts))))
    found = [uncovered(one, [*pods, *(each for each in blocks if each != one and within(each, one))]) for one in blocks]
    return [str(one) for one in found if one]
