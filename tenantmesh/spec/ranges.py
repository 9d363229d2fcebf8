"""Ranges of addresses: which lies in which, and what is left of one without others."""

import ipaddress
from collections.abc import Iterable


def lies_in(one: str, other: str) -> bool:
    """Whether all addresses of one range are in the other; ranges of IPv4 and IPv6 have none in common."""
    small, large = ipaddress.ip_network(one), ipaddress.ip_network(other)
    if isinstance(small, ipaddress.IPv4Network) and isinstance(large, ipaddress.IPv4Network):
        return small.subnet_of(large)
    if isinstance(small, ipaddress.IPv6Network) and isinstance(large, ipaddress.IPv6Network):
        return small.subnet_of(large)
    return False


def without(cidr: str, others: Iterable[str]) -> list[str]:
    """The ranges that have all addresses of one but those of the others."""
    left = [cidr]
    for other in others:
        left = [rest for one in left for rest in _less(one, other)]
    return left


def _less(one: str, other: str) -> list[str]:
    if lies_in(one, other):
        return []
    if not lies_in(other, one):
        return [one]
    large, small = ipaddress.ip_network(one), ipaddress.ip_network(other)
    return [str(rest) for rest in sorted(large.address_exclude(small))]  # pyright: ignore[reportArgumentType]  one family
