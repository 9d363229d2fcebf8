"""Addresses that stand for somebody outside: one for each part of the address space that rules tell apart."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_network
from typing import Final

from msgspec.structs import replace

from tenantmesh.graph.cidrs import PRIVATE, Address, Block, Network, uncovered, within
from tenantmesh.graph.flow import Outside
from tenantmesh.graph.network.names import examples
from tenantmesh.graph.network.rules import Rule

_WORLD: Final[tuple[Network, ...]] = (ip_network("0.0.0.0/0"), ip_network("2000::/3"), *PRIVATE)
_NOBODY: Final[tuple[Network, ...]] = (ip_network("0.0.0.0/8"), ip_network("127.0.0.0/8"))


def representatives(who: Outside, rules: Iterable[Rule], pods: Sequence[Network]) -> tuple[Outside, ...]:
    """`who` with each address and name that `rules` may treat differently; public ones first, never one of `pods`."""
    if who.address:
        return (who,)
    peers = [peer for rule in rules for peer in rule.peers or ()]
    addresses = _addresses(tuple(dict.fromkeys(block for peer in peers for block in peer.blocks)), tuple(pods))
    if who.host:
        return tuple(replace(who, address=str(one)) for one in addresses if not _private(one))
    named = (replace(who, host=one) for one in dict.fromkeys(examples(peers)))
    return (*(replace(who, address=str(one)) for one in addresses), *named)


@lru_cache(maxsize=1 << 10)
def _addresses(blocks: tuple[Block, ...], pods: tuple[Network, ...]) -> tuple[Address, ...]:
    """One address of each part of the address space that `blocks` tell apart."""
    named = dict.fromkeys(_WORLD)
    for block in blocks:
        named.update(dict.fromkeys((block.network, *block.excluded)))
    # Blocks of addresses are nested or apart: what is left of each without those inside it is all alike.
    found = {
        uncovered(one, [*pods, *_NOBODY, *(other for other in named if other != one and within(other, one))])
        for one in named
    }
    return tuple(sorted((one for one in found if one), key=lambda one: (_private(one), one.version, int(one))))


def _private(address: Address) -> bool:
    return any(address in one for one in PRIVATE)
