"""What the library itself makes proves clean, with no exemption; and what is taken from it is found."""

import datetime

import pytest

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.verdict import Answer, Layer
from tenantmesh.manifest import Manifest
from tests.examples.programs import NAMES, objects

TODAY = datetime.date.today()
"""Certificates are made today."""


def everything(_):
    return True


def proof(name, kept=everything):
    evaluation = objects(name).evaluation
    outputs = [one.outputs for one in evaluation.resources if one.type == "tenantmesh:index:Mesh"]
    mesh = MeshSettings.of(outputs[0]["meshConfig"], outputs[0]["istiodEnvironment"]) if outputs else None
    cluster = Cluster(Manifest.of(one for one in evaluation.manifest if kept(one.key)), mesh=mesh)
    return prove(cluster, find_intent(cluster), today=TODAY)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_proves_clean(name):
    found = proof(name)
    assert [(one.rule.id, one.message) for one in found.findings] == []
    assert found.unproven == ()
    assert all(one.declared for one in found.matrix)


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_shut_out_by_the_network_and_by_identity(name):
    for fence in proof(name).fences:
        denied = {one.layer for one in fence.shown.verdict.layers if one.answer is Answer.DENIED}
        assert denied >= {Layer.NETWORK, Layer.IDENTITY}


def test_the_grant_of_the_example_is_the_only_way_between_its_tenants():
    tenants = {"orders", "prices"}
    between = [one for one in proof("grant").matrix if {one.source, one.destination} <= tenants]
    assert [(one.source, one.destination, one.ports, one.paths, one.open) for one in between] == [
        ("orders", "prices", ("8080/TCP",), ("GET /v1/quotes/*",), True)
    ]


TAKEN = [
    ("NetworkPolicy", "default-deny", set()),
    ("NetworkPolicy", "grant--quotes--orders", {"grant-broken"}),
    ("AuthorizationPolicy", "grant--quotes--orders", {"grant-broken"}),
    ("NetworkPolicy", "import--quotes--prices", {"grant-broken"}),
    ("AuthorizationPolicy", "fence", {"deny-missing"}),
    ("PeerAuthentication", "default", {"permissive-mtls"}),
    ("Sidecar", "default", {"sidecar-missing", "outbound-any"}),
    ("ResourceQuota", "tenant", {"quota-missing"}),
]


@pytest.mark.parametrize(("kind", "name", "rules"), TAKEN)
def test_an_object_of_the_fence_that_is_taken_away_is_found(kind, name, rules):
    found = proof("grant", lambda key: (key.kind, key.name) != (kind, name))
    assert {one.rule.id for one in found.findings} == rules
