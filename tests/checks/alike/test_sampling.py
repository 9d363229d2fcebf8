"""Samples: what is proven of a cluster by a part of it is what is proven by all of it."""

import datetime

import pytest

from benchmarks.tenants import neighbourhood
from tenantmesh.checks.alike.names_apart import alike
from tenantmesh.checks.alike.sampling import sample
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.layers import Layers
from tenantmesh.checks.prove import Prover
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject
from tests.checks.alike.mutating import mutated
from tests.proof.judging import outline

TODAY = datetime.date(2026, 1, 1)
NAMES = tuple(f"team-{index:02}" for index in range(30))
BODIES = tuple(neighbourhood(NAMES))
MUTANTS = 24
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "more", "namespace": "team-15"},
}


def read(bodies):
    cluster = Cluster(Manifest.of(ManifestObject(body=body) for body in bodies))
    return cluster, find_intent(cluster)


def context(bodies):
    cluster, intent = read(bodies)
    return Context(cluster=cluster, intent=intent, layers=Layers.of(cluster), today=TODAY)


def sampled(bodies, *, changed=()):
    """The sample by those that were alike before some changed."""
    groups = {}
    for tenant, key in alike(context(BODIES)).items():
        if tenant not in changed:
            groups.setdefault(key.kind, []).append(tenant)
    return sample(context(bodies), list(groups.values()), changed=changed)


def alone(bodies):
    """The proof in which every tenant is proven by itself, in the whole cluster."""
    return Prover(*read(bodies), today=TODAY, kinds=lambda _: {}).proof()


def allowing(namespace):
    """A policy of team-15 that lets another namespace in."""
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    return {**POLICY, "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [peer]}]}}


def test_a_sample_has_two_of_a_kind_their_neighbours_and_a_stranger():
    found = sampled(BODIES)
    assert found is not None
    # The first four have names that sort unlike most, so the next two are the two.
    assert sorted(found.context.intent.tenants) == list(NAMES[2:9])
    assert found.context.cluster.namespaces.keys() == set(found.context.intent.tenants)
    assert found.spare == {"team-02", "team-03", "team-06", "team-07", "team-08"}


def test_whoever_a_changed_tenant_names_is_in_the_sample():
    found = sampled([*BODIES, allowing("team-20")], changed=["team-15"])
    assert "team-20" in found.context.intent.tenants
    assert "team-19" not in found.context.intent.tenants


def test_a_changed_tenant_with_values_that_are_not_known_may_name_anybody():
    unknown = {**POLICY, "spec": {"podSelector": object()}}
    assert sampled([*BODIES, unknown], changed=["team-15"]) is None


def test_the_proof_by_a_sample_is_that_of_the_whole():
    assert Prover(*read(BODIES), today=TODAY).proof() == alone(BODIES)


@pytest.mark.parametrize("seed", range(MUTANTS))
def test_mutated_tenants_are_proven_by_a_sample_as_in_the_whole(seed):
    bodies, _ = mutated(BODIES, NAMES, seed)
    assert outline(Prover(*read(bodies), today=TODAY).proof()) == outline(alone(bodies))


@pytest.mark.parametrize("seed", range(MUTANTS, 2 * MUTANTS))
def test_changed_tenants_are_proven_again_as_in_the_whole(seed):
    before = Prover(*read(BODIES), today=TODAY)
    before.proof()
    bodies, chosen = mutated(BODIES, NAMES, seed)
    assert outline(before.updated(*read(bodies), chosen).proof()) == outline(alone(bodies))


def test_a_changed_tenant_that_lets_in_somebody_outside_the_sample_is_found():
    before = Prover(*read(BODIES), today=TODAY)
    before.proof()
    bodies = [*BODIES, allowing("team-20")]
    proof = before.updated(*read(bodies), ["team-15"]).proof()
    assert any({"team-15", "team-20"} <= set(one.tenants) for one in proof.findings)
    assert outline(proof) == outline(alone(bodies))


@pytest.mark.parametrize("namespaces", ["team-1*", "*-12", "\nteam-12"])
def test_whom_a_changed_tenant_names_by_a_part_or_behind_an_escape_is_in_the_sample(namespaces):
    spec = {"rules": [{"from": [{"source": {"namespaces": [namespaces]}}]}]}
    policy = {**POLICY, "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "spec": spec}
    found = sampled([*BODIES, {**policy, "metadata": {"name": "more", "namespace": "team-21"}}], changed=["team-21"])
    assert "team-12" in found.context.intent.tenants


@pytest.mark.parametrize(
    "source", [{"namespaces": ["team-12"]}, {"namespaces": ["team-1*"]}, {"principals": ["*-12/sa/default"]}]
)
def test_a_policy_for_all_that_names_some_is_proven_as_in_the_whole(source):
    root = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}}
    policy = {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "partly", "namespace": "istio-system"},
        "spec": {"rules": [{"from": [{"source": source}]}]},
    }
    bodies = [*BODIES, root, policy]
    assert outline(Prover(*read(bodies), today=TODAY).proof()) == outline(alone(bodies))
