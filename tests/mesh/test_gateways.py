"""A tenant's gateway serves the tenant's hosts to the tenant's clients and nobody else; each refusal is told apart."""

import json

import pytest

from tests.mesh.asking import RefusedError

TENANTS = ("tenant1", "tenant2")
PAIRS = (TENANTS, TENANTS[::-1])


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_own_host_with_the_own_certificate_is_answered_by_the_own_workload(mesh, tenant):
    answer = mesh.ask(tenant)
    assert answer.status == 200
    assert (answer.headers["x-standin-service"], answer.headers["x-standin-namespace"]) == ("productpage", tenant)


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_the_other_tenants_host_is_refused_in_the_handshake(mesh, tenant, other):
    """The gateway has no certificate for it, so it ends the connection without an alert."""
    with pytest.raises(RefusedError) as refused:
        mesh.ask(tenant, host=f"{other}.example.com")
    assert refused.value.reason == "closed"


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_the_other_tenants_host_behind_the_own_name_in_the_handshake_is_not_found(mesh, tenant, other):
    assert mesh.ask(tenant, host=f"{other}.example.com", sni=f"{tenant}.example.com").status == 404


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_the_other_tenants_certificate_is_refused_for_its_authority(mesh, tenant, other):
    with pytest.raises(RefusedError) as refused:
        mesh.ask(tenant, credential=mesh.credential(other))
    assert refused.value.reason == "TLSV1_ALERT_UNKNOWN_CA"


@pytest.mark.parametrize("tenant", TENANTS)
def test_no_certificate_is_refused_for_its_absence(mesh, tenant):
    with pytest.raises(RefusedError) as refused:
        mesh.ask(tenant, credential=None)
    assert refused.value.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


def test_a_certificate_of_the_own_authority_for_another_name_is_refused(mesh, stranger):
    """It is signed as the declared client's is, but its name was not declared."""
    with pytest.raises(RefusedError) as refused:
        mesh.ask("tenant1", credential=stranger("nobody.clients.tenant1.example.com"))
    assert refused.value.reason == "SSLV3_ALERT_CERTIFICATE_UNKNOWN"


def test_a_certificate_of_the_own_authority_for_the_declared_name_is_taken(mesh, stranger):
    """Or the one before would be refused for another reason than its name."""
    assert mesh.ask("tenant1", credential=stranger("demo.clients.tenant1.example.com")).status == 200


def test_the_plain_port_only_leads_to_the_secured_one(mesh):
    answer = mesh.ask_plain("tenant1", "/productpage")
    assert (answer.status, answer.headers["location"]) == (301, "https://tenant1.example.com/productpage")


@pytest.mark.parametrize("path", ["/", "/reviews/0", "/productpage/../details/0", "/productpage%2f..%2fdetails/0"])
def test_a_path_that_no_app_declares_is_not_found(mesh, path):
    assert mesh.ask("tenant1", path).status == 404


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_a_gateways_configuration_holds_nothing_of_the_other_tenant(mesh, tenant, other):
    found = json.dumps(mesh.config_dump(mesh.gateway(tenant)))
    assert (tenant in found, other in found) == (True, False)


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_a_sidecars_configuration_holds_nothing_of_the_other_tenant(mesh, tenant, other):
    found = json.dumps(mesh.config_dump(mesh.app(tenant, "productpage")))
    assert (f"reviews.{tenant}.svc" in found, other in found) == (True, False)
