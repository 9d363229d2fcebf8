"""Which range of addresses lies in which."""

import pytest

from tenantmesh.spec.ranges import lies_in


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
