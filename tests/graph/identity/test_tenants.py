"""What Tenant makes: its openings lead to its own namespaces, to its gateway's door, and to nobody else."""

import pytest

from benchmarks import tenants
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Outside, Proxy, Request, Workload
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.verdict import Answer
from tenantmesh.manifest import Manifest, ManifestObject

NAMES = tenants.names(3)


@pytest.fixture(scope="module")
def ours() -> IdentityLayer:
    bodies = (ManifestObject(body=body) for name in NAMES for body in tenants.bodies(name))
    return IdentityLayer(Cluster(Manifest.of(bodies)))


def owner(namespace: str) -> str:
    return next((name for name in NAMES if namespace == name or namespace.startswith(f"{name}--")), "")


def test_openings_name_no_other_tenant(ours):
    seen = 0
    for namespace in ours.enforced.cluster.namespaces:
        for one in filter(lambda one: not one.peers.outside, ours.openings(namespace)):
            assert not one.peers.everywhere
            assert {owner(peer) for peer in one.peers.namespaces} <= {owner(namespace)}
            seen += 1
    assert seen


def test_only_the_door_of_a_gateway_is_open_to_the_outside(ours):
    doors = [one for space in ours.enforced.cluster.namespaces for one in ours.openings(space) if one.peers.outside]
    assert {owner(one.namespace) for one in doors} == set(NAMES)
    assert all(one.workload.proxy is Proxy.GATEWAY and len(one.ports) == 1 for one in doors)


def test_a_pod_that_a_tenant_could_make_hears_its_own_tenant_only(ours):
    inside = [name for name in ours.enforced.cluster.namespaces if owner(name)]
    for place in inside:
        made = Workload(namespace=place, name="made", proxy=Proxy.SIDECAR)
        for other in inside:
            source = Workload(namespace=other, name="client", proxy=Proxy.SIDECAR)
            if owner(other) != owner(place):
                assert ours.verdict(source, made, Request(port=8080)).answer is Answer.DENIED
        for nobody in (Outside(), Workload(namespace="legacy", name="old")):
            assert ours.verdict(nobody, made, Request(port=8080)).answer is Answer.DENIED
