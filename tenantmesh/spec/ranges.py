"""Ranges of addresses: which lies in which."""

import ipaddress


def lies_in(one: str, other: str) -> bool:
    """Whether all addresses of one range are in the other; ranges of IPv4 and IPv6 have none in common."""
    small, large = ipaddress.ip_network(one), ipaddress.ip_network(other)
    if isinstance(small, ipaddress.IPv4Network) and isinstance(large, ipaddress.IPv4Network):
        return small.subnet_of(large)
    if isinstance(small, ipaddress.IPv6Network) and isinstance(large, ipaddress.IPv6Network):
        return small.subnet_of(large)
    return False
