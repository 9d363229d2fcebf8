"""Blocks of addresses with exceptions: what they contain, and whether pods may have addresses in them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

PRIVATE: Final[tuple[Network, ...]] = tuple(
    ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Where pods and nodes have their addresses when nobody says where: RFC 1918, RFC 6598 and RFC 4193."""


class Block(NamedTuple):
    """The addresses of `network` but for those of `excluded`."""

    network: Network
    excluded: tuple[Network, ...] = ()

    def __contains__(self, address: object) -> bool:
        return address in self.network and not any(address in one for one in self.excluded)

    def covers(self, network: Network) -> bool:
        """Whether every address of `network` is in the block."""
        return within(network, self.network) and not any(network.overlaps(one) for one in self._excluded(network))

    def overlaps(self, network: Network) -> bool:
        """Whether some address of `network` is in the block."""
        if network.version != self.network.version or not network.overlaps(self.network):
            return False
        smaller = network if within(network, self.network) else self.network
        return not _covered(smaller, self._excluded(network))

    def _excluded(self, network: Network) -> list[Network]:
        return [one for one in self.excluded if one.version == network.version]


def block(body: Any) -> Block | str:
    """The block of a `cidr` with its `except`, or what is wrong with it."""
    if not isinstance(body, Mapping) or not isinstance(body.get("cidr"), str):
        return "a block without a cidr"
    if unknown := body.keys() - {"cidr", "except"}:
        return f"the field {', '.join(sorted(unknown))}"
    excluded = body.get("except") or ()
    try:
        return _block(body["cidr"], tuple(excluded))
    except (ValueError, TypeError) as error:
        return str(error)


@lru_cache(maxsize=1 << 14)
def _block(cidr: str, excluded: tuple[str, ...]) -> Block:
    return Block(network(cidr), tuple(network(one) for one in excluded))


@lru_cache(maxsize=1 << 14)
def network(text: Any) -> Network:
    """The network of a CIDR; bits behind the prefix don't count. ValueError when it is none."""
    if not isinstance(text, str) or "/" not in text:
        raise ValueError(f"{text!r} is not a block of addresses")
    return ip_network(text, strict=False)


@lru_cache(maxsize=1 << 14)
def address(text: str) -> Address:
    """The address that `text` spells. ValueError when it is none."""
    return ip_address(text)


def within(inner: Network, outer: Network) -> bool:
    """Whether every address of `inner` is one of `outer`."""
    return inner.version == outer.version and inner.prefixlen >= outer.prefixlen and inner.network_address in outer


def uncovered(network: Network, excluded: Iterable[Network]) -> Address | None:
    """The first address of `network` that is in none of `excluded`; None when they cover it."""
    last = int(network.broadcast_address)
    candidate = int(network.network_address)
    kind = type(network.network_address)
    for one in sorted((one for one in excluded if one.version == network.version), key=lambda one: int(one[0])):
        if int(one.network_address) > candidate:
            break
        candidate = max(candidate, int(one.broadcast_address) + 1)
    return kind(candidate) if candidate <= last else None


def _covered(network: Network, excluded: Sequence[Network]) -> bool:
    return uncovered(network, excluded) is None
