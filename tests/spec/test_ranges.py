"""Which range of addresses lies in which, and what is left of one without others."""

from ipaddress import ip_network

import pytest

from tenantmesh.spec.ranges import lies_in, without


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("10.1.0.0/16", "10.0.0.0/8", True),
        ("10.0.0.0/8", "10.0.0.0/8", True),
        ("10.0.0.0/8", "10.1.0.0/16", False),
        ("11.0.0.0/16", "10.0.0.0/8", False),
        ("fd00::/16", "fc00::/7", True),
        ("::/0", "0.0.0.0/0", False),
        ("10.0.0.0/8", "::/0", False),
    ],
)
def test_a_range_lies_in_another_when_all_its_addresses_do(one, other, expected):
    assert lies_in(one, other) is expected


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ((), ["203.0.113.0/24"]),
        (("198.51.100.0/24", "::/0"), ["203.0.113.0/24"]),
        (("203.0.113.128/25",), ["203.0.113.0/25"]),
        (("203.0.113.64/26", "203.0.113.255/32"), None),
        (("203.0.113.0/24",), []),
        (("203.0.112.0/20", "203.0.113.1/32"), []),
    ],
)
def test_what_is_left_of_a_range_has_its_addresses_but_those_of_the_others(others, left):
    found = without("203.0.113.0/24", others)
    assert left is None or found == left
    here = {str(one) for one in ip_network("203.0.113.0/24")}
    taken = {one for one in here if any(lies_in(f"{one}/32", other) for other in others)}
    assert sorted(str(one) for some in found for one in ip_network(some)) == sorted(here - taken)
