"""Which addresses a tenant's egress gateway may call."""

import pytest

from tenantmesh.errors import ArgsError

SERVICES = [{"host": "ledger.corp.example"}]


def blocks(planned, ranges, **infrastructure):
    args = {
        "egress": {"services": SERVICES, "destination_ranges": ranges},
        "settings": {"mesh": {"infrastructure": infrastructure}} if infrastructure else {},
    }
    (rule,) = planned(args).spec("NetworkPolicy", "allow-outside")["egress"]
    return [peer["ipBlock"] for peer in rule["to"]]


def test_an_egress_gateway_leaves_for_its_ranges_only(planned):
    found = blocks(planned, ["203.0.113.0/24", "2001:db8::/32"])
    assert found == [{"cidr": "2001:db8::/32"}, {"cidr": "203.0.113.0/24"}]


def test_what_of_a_range_is_the_clusters_is_left_out(planned):
    (block,) = blocks(planned, ["10.0.0.0/8"], cluster_cidrs=["10.244.0.0/16", "10.96.0.0/12", "192.168.0.0/16"])
    assert block == {"cidr": "10.0.0.0/8", "except": ["10.244.0.0/16", "10.96.0.0/12"]}


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "10.20.0.0/16", "fd00::/16"])
def test_a_range_of_the_cluster_is_refused(planned, cidr):
    with pytest.raises(ArgsError, match=r"egress\.destination_ranges\[0\]: .+ lies in .+ of the mesh's cluster_cidrs"):
        blocks(planned, [cidr])
