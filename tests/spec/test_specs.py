"""Specs: complete, frozen, and sure of what they own."""

import dataclasses

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.spec.gateway import GeneratedChain, ReplicasSpec
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.ownership import Claim, ClaimKind
from tenantmesh.spec.sharing import Peer
from tenantmesh.spec.tenant import claims_of


def test_a_spec_can_not_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        MeshSpec().domain = "example.com"


def test_without_a_maximum_there_is_nothing_to_scale():
    assert ReplicasSpec(minimum=3).most == 3
    assert not ReplicasSpec(minimum=3).scales
    assert ReplicasSpec(minimum=3, maximum=4).scales


@pytest.mark.parametrize(
    ("chain", "trusted"),
    [
        (GeneratedChain(), (1,)),
        (GeneratedChain(epoch=2), (1, 2)),
        (GeneratedChain(epoch=2, trust_epochs=(2,)), (2,)),
        (GeneratedChain(epoch=1, trust_epochs=(2,)), (1, 2)),
    ],
)
def test_the_roots_that_are_trusted_overlap_while_a_ca_is_rotated(chain, trusted):
    assert chain.trusted == trusted


def test_a_peer_is_a_namespace_of_another_tenant():
    assert Peer("globex").namespace == "globex"
    assert Peer("globex", "db").namespace == "globex--db"
    assert str(Peer("globex", "db")) == "globex/db"


def test_a_tenant_claims_its_namespaces_hosts_node_ports_and_outside_hosts():
    tenant = parse_tenant(
        "acme",
        {
            "domain": "acme.example.com",
            "namespaces": [{"name": "db"}],
            "ingress": {"service": {"http_node_port": 31080, "type": "NodePort"}},
            "egress": {"services": [{"host": "api.stripe.com"}, {"host": "pypi.example"}]},
        },
        MeshSpec(shared_egress_hosts=("pypi.example",)),
    )
    assert claims_of(tenant) == (
        Claim(ClaimKind.EGRESS_HOST, "api.stripe.com", "acme"),
        Claim(ClaimKind.HOST, "*.acme.example.com", "acme"),
        Claim(ClaimKind.HOST, "acme.example.com", "acme"),
        Claim(ClaimKind.NAMESPACE, "acme", "acme"),
        Claim(ClaimKind.NAMESPACE, "acme--db", "acme"),
        Claim(ClaimKind.NODE_PORT, "31080", "acme"),
    )
