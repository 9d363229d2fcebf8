"""Nothing of a tenant shows in the configuration that another tenant's proxies get."""

import json

import pytest

TENANTS = ("tenant1", "tenant2")
PAIRS = (TENANTS, TENANTS[::-1])
APPS = ("details", "productpage", "ratings", "reviews")


def configuration(mesh, pod):
    """Without listeners that only finish what they have begun, 45 s long after they were replaced."""
    return json.dumps(_lasting(mesh.config_dump(pod)))


def _lasting(tree):
    if isinstance(tree, dict):
        return {name: _lasting(value) for name, value in tree.items() if name != "draining_state"}
    return [_lasting(value) for value in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_a_sidecars_configuration_holds_its_own_tenant_and_nothing_of_the_other(mesh, tenant, other):
    for app in APPS:
        found = configuration(mesh, mesh.app(tenant, app))
        assert (f"ratings.{tenant}.svc" in found, other in found) == (True, False), app


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_a_gateways_configuration_holds_its_own_tenant_and_nothing_of_the_other(mesh, tenant, other):
    found = configuration(mesh, mesh.gateway(tenant))
    assert (f"productpage.{tenant}.svc" in found, other in found) == (True, False)


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_gateway_knows_only_the_services_that_it_routes_to(mesh, tenant):
    clusters = mesh.admin(mesh.gateway(tenant), "/clusters")
    outbound = {line.split("|")[3].split("::")[0] for line in clusters.splitlines() if line.startswith("outbound|")}
    assert outbound == {f"productpage.{tenant}.svc.cluster.local"}


def test_a_service_that_is_exported_and_asked_for_shows_up(mesh):
    """Or the tests above might look in the wrong place."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "exported",
            "namespace": "tenant2",
            "annotations": {"networking.istio.io/exportTo": "*"},
        },
        "spec": {"ports": [{"name": "http", "port": 80}]},
    }
    sidecar = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Sidecar",
        "metadata": {"name": "curious", "namespace": "tenant1"},
        "spec": {"workloadSelector": {"labels": {"app": "ratings"}}, "egress": [{"hosts": ["*/*"]}]},
    }
    with mesh.applied(service, sidecar):
        assert "exported.tenant2.svc" in configuration(mesh, mesh.app("tenant1", "ratings"))
        assert "tenant2" not in configuration(mesh, mesh.app("tenant1", "details"))
    with mesh.applied(sidecar):
        # It asks for everything, but nothing is exported to it.
        assert "tenant2" not in configuration(mesh, mesh.app("tenant1", "ratings"))
