"""Blocks of addresses for the outside, and what of the cluster is left in them."""

import datetime
import json

import pytest

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject

INSIDE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"]
SIXTH = ["fc00::/7", "fe80::/10"]


def missing(*blocks, way="egress", declared=(), pods=()):
    """What is named as left in, for each block; empty for those that nothing is found of."""
    ranges = [{"selector": {"istio": "egress"}, "to": list(declared)}] if declared else []
    annotations = {"tenantmesh.dev/ranges": json.dumps(ranges)} if ranges else {}
    rule = {{"egress": "to", "ingress": "from"}[way]: [{"ipBlock": one} for one in blocks]}
    policy = {"podSelector": {"matchLabels": {"istio": "egress"}}, "policyTypes": [way.capitalize()], way: [rule]}
    bodies = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "acme", "annotations": annotations}},
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "outside", "namespace": "acme"},
            "spec": policy,
        },
    ]
    cluster = Cluster(Manifest.of(ManifestObject(body=body) for body in bodies), pod_cidrs=tuple(pods))
    proof = prove(cluster, find_intent(cluster), today=datetime.date(2030, 6, 1))
    found = [one for one in proof.findings if one.rule.id == "egress-inward"]
    assert all(one.fix.startswith("add ") and "ipBlock of NetworkPolicy acme/outside" in one.fix for one in found)
    return [one.message.partition("leaving out ")[2].partition(" (")[0].split(", ") for one in found]


def test_a_block_without_what_is_inside_is_fine():
    assert missing({"cidr": "0.0.0.0/0", "except": INSIDE}, {"cidr": "::/0", "except": SIXTH}) == []


@pytest.mark.parametrize("one", [*INSIDE, *SIXTH])
def test_each_part_that_is_left_in_is_named(one):
    every = {"cidr": "::/0", "except": SIXTH} if ":" in one else {"cidr": "0.0.0.0/0", "except": INSIDE}
    left = {**every, "except": [each for each in every["except"] if each != one]}
    assert missing(left) == [[one]]


def test_a_block_without_any_exception_leaves_all_in():
    assert missing({"cidr": "0.0.0.0/0"}, {"cidr": "::/0", "except": SIXTH}) == [INSIDE]


def test_exceptions_may_be_in_parts():
    halves = ["10.0.0.0/9", "10.128.0.0/9", *INSIDE[1:]]
    assert missing({"cidr": "0.0.0.0/0", "except": halves}) == []
    assert missing({"cidr": "0.0.0.0/0", "except": halves[1:]}) == [["10.0.0.0/8"]]


def test_a_block_of_outside_addresses_alone_or_of_inside_ones_alone_is_meant():
    assert missing({"cidr": "203.0.113.0/24"}, {"cidr": "10.20.0.0/16"}, {"cidr": "169.254.169.254/32"}) == []


def test_a_declared_range_is_meant():
    assert missing({"cidr": "8.0.0.0/5"}) == [["10.0.0.0/8"]]
    assert missing({"cidr": "8.0.0.0/5"}, declared=["8.0.0.0/5"]) == []


def test_where_pods_have_known_addresses_the_other_private_ones_are_outside():
    assert missing({"cidr": "0.0.0.0/0", "except": ["10.244.0.0/16"]}, pods=["10.244.0.0/16"]) == [["169.254.0.0/16"]]


def test_who_lets_in_from_everywhere_lets_in_the_cluster_too():
    assert missing({"cidr": "0.0.0.0/0"}, way="ingress") == []
