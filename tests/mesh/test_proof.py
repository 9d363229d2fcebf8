"""What the prover says of the objects in the lab, the mesh does: who gets answered, and what stops the others."""

import os
from collections import Counter
from itertools import product

import pytest

from tenantmesh.graph.flow import Request
from tests.mesh.bypassing import host_outside
from tests.mesh.playground import NAMESPACES, playground
from tests.mesh.policies import Issuer, questions, sets
from tests.mesh.proving import Prover, Question, Seen, Way, compare

SETS = int(os.environ.get("TENANTMESH_PROOF_SETS", "200"))
"""Random sets of policies that are tried."""
_ASKED_OF_EACH = 24
"""Questions to each workload of the playground under each set."""
TENANTS = ("tenant1", "tenant2")
OUTSIDE = "203.0.113.40"
APPS = ("details", "productpage", "ratings", "reviews")
PORTS = (9080, 8080)
ASKED = (("GET", "/health"), ("POST", "/admin"))


@pytest.fixture(scope="module")
def outside(mesh):
    with host_outside(mesh, OUTSIDE, 443) as network:
        yield network


def _address(pod):
    return pod["status"]["podIP"]


def _pods(mesh):
    return [pod for tenant in TENANTS for pod in mesh.lab.pods(tenant)]


def _apps(mesh):
    return [pod for tenant in TENANTS for pod in mesh.lab.pods(tenant, "app.kubernetes.io/component=app")]


def _past(mesh, outside):
    """By every pod's own address, from every pod and from outside, as who gets past a sidecar can."""
    for source, target in product([*_pods(mesh), outside], _apps(mesh)):
        if source is not target:
            for method, path in ASKED:
                request = Request(port=9080, method=method, path=path)
                yield Question(
                    source=source, destination=target, request=request, address=_address(target), number=9080
                )


def _by_sidecar(mesh):
    """By every Service with one pod, from every application."""
    services = [(tenant, app) for tenant in TENANTS for app in ("details", "productpage", "ratings")]
    for source, (tenant, app) in product(_apps(mesh), services):
        target = mesh.app(tenant, app)
        if source["metadata"]["name"] != target["metadata"]["name"]:
            for (method, path), host in product(ASKED, (f"{app}.{tenant}:9080", f"{app}.{tenant}.svc.cluster.local")):
                request = Request(port=9080, method=method, path=path, host=host)
                address = mesh.address(app, tenant)
                yield Question(
                    source=source, destination=target, request=request, address=address, number=9080, way=Way.BY_SIDECAR
                )


def test_the_dev_stack_does_what_the_prover_says(mesh, outside):
    compared = compare(mesh, Prover(mesh), [*_past(mesh, outside), *_by_sidecar(mesh)])
    print(compared.seen)
    assert compared.wrong == []


@pytest.fixture(scope="module")
def place(mesh):
    with playground(mesh) as found:
        yield found


def test_random_policies_do_what_the_prover_says(mesh, place, outside):
    """Sets of AuthorizationPolicies, PeerAuthentications and RequestAuthentications, one in each namespace at once."""
    issuer, there, seen, wrong = Issuer(), [], Counter(), []
    try:
        for seed in range(-(-SETS // len(NAMESPACES))):
            new = sets(place, issuer, seed)
            place.replace(there, new)
            there = new
            compared = compare(mesh, Prover(mesh), questions(place, issuer, outside, seed, _ASKED_OF_EACH))
            seen += compared.seen
            wrong += [f"seed {seed}: {one}" for one in compared.wrong]
            assert len(wrong) < 10, wrong
    finally:
        place.replace(there, [])
    assert wrong == []
    # Each way to be answered or stopped was tried often enough to mean something.
    assert min(seen[one] for one in (Seen.ANSWERED, Seen.CUT, Seen.FORBIDDEN, Seen.UNAUTHORIZED)) >= SETS, seen
