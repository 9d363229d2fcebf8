"""Who is who inside the mesh: identities as declared, and strict mTLS."""

import pytest

from tests.mesh.asking import RefusedError

TENANTS = ("tenant1", "tenant2")
PAIRS = (TENANTS, TENANTS[::-1])
REVIEWS = "http://reviews:9080/reviews/0"


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_workload_is_known_by_its_namespace_and_service_account(mesh, tenant):
    answer = mesh.ask_inside(mesh.app(tenant, "productpage"), REVIEWS)
    caller = answer.json()["headers"]["x-forwarded-client-cert"]
    assert f"By=spiffe://cluster.local/ns/{tenant}/sa/reviews;" in caller
    assert caller.endswith(f"URI=spiffe://cluster.local/ns/{tenant}/sa/productpage")


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_gateway_is_known_by_its_own_service_account(mesh, tenant):
    caller = mesh.ask(tenant, "/api/v1/products").json()["headers"]["x-forwarded-client-cert"]
    assert f"URI=spiffe://cluster.local/ns/{tenant}/sa/{tenant}-ingress" in caller


@pytest.mark.parametrize("tenant", TENANTS)
def test_plain_requests_past_the_own_sidecar_are_refused(mesh, tenant):
    """From the gateway's pod, whose requests nothing redirects, straight at a workload: that wants a certificate."""
    target = mesh.app(tenant, "reviews")["status"]["podIP"]
    with pytest.raises(RefusedError) as refused:
        mesh.ask_inside(mesh.gateway(tenant), f"http://{target}:9080/reviews/0")
    assert refused.value.reason == "closed"
