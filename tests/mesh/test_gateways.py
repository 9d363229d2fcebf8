"""A tenant's gateway serves the tenant's hosts to the tenant's clients and nobody else; each refusal is told apart."""

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
def test_the_gateways_own_certificate_is_of_the_tenants_authority_alone(mesh, tenant, other):
    """A client that trusts the other tenant's authority does not take this gateway for the tenant's."""
    with pytest.raises(RefusedError) as refused:
        mesh.ask(tenant, ca=mesh.credential(other).ca)
    assert refused.value.reason == "CERTIFICATE_VERIFY_FAILED"


@pytest.mark.parametrize(("tenant", "ports"), [("tenant1", (31080, 31443)), ("tenant2", (32080, 32443))])
def test_each_gateway_has_the_node_ports_that_the_stack_gives_it(mesh, tenant, ports):
    assert (mesh.node_port(tenant, "http"), mesh.node_port(tenant, "https")) == ports


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_shared_control_plane_makes_the_gateways_pods_into_proxies(mesh, tenant):
    """The stack's Deployment only says image: auto."""
    pod = mesh.gateway(tenant)
    (container,) = pod["spec"]["containers"]
    assert "/proxyv2:" in container["image"]
    assert container["args"][:2] == ["proxy", "router"]
    assert pod["spec"]["serviceAccountName"] == f"{tenant}-ingress"


def test_no_gateway_is_shared(mesh):
    """Beside istiod there is nothing in the control plane's namespace, so each way in is a tenant's own."""
    assert [pod["metadata"]["labels"]["app"] for pod in mesh.lab.pods("istio-system")] == ["istiod"]


def test_a_gateway_of_one_tenant_that_selects_the_others_pods_opens_nothing_there(mesh):
    """Without PILOT_SCOPE_GATEWAY_TO_NAMESPACE the other tenant's Envoy would serve it."""
    server = {"port": {"name": "http", "number": 8888, "protocol": "HTTP"}, "hosts": ["*"]}
    rogue = networking("Gateway", "tenant1", {"selector": {"istio": "tenant2-ingress"}, "servers": [server]})
    own = networking("Gateway", "tenant2", {"selector": {"istio": "tenant2-ingress"}, "servers": [server]})
    with mesh.applied(rogue):
        assert "0.0.0.0_8888" not in mesh.admin(mesh.gateway("tenant2"), "/listeners")
    with mesh.applied(own):
        assert "0.0.0.0_8888" in mesh.admin(mesh.gateway("tenant2"), "/listeners")


def test_a_route_of_one_tenant_on_the_others_gateway_and_host_takes_nothing_over(mesh):
    """The Gateway takes routes for its hosts from its own namespace only."""
    answer = {"status": 299, "body": {"string": "taken over"}}
    spec = {"hosts": ["tenant2.example.com"], "gateways": ["tenant2/tenant2-ingress"], "exportTo": ["*"]}
    with mesh.applied(networking("VirtualService", "tenant1", spec | {"http": [{"directResponse": answer}]})):
        assert mesh.ask("tenant2").status == 200
    with mesh.applied(networking("VirtualService", "tenant2", spec | {"http": [{"directResponse": answer}]})):
        # Of its own namespace such a route is taken, so that what is above can fail.
        assert mesh.ask("tenant2", "/nothing-else-is-here").status == 299


def networking(kind, namespace, spec):
    metadata = {"name": "rogue", "namespace": namespace}
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata, "spec": spec}
