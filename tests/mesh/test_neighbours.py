"""A tenant that breaks or floods its own gateway harms itself alone: its neighbour goes on answering."""

import pytest

from tests.mesh.asking import RefusedError
from tests.mesh.driving import Mesh
from tests.mesh.flooding import sending, sent, through_gateway
from tests.mesh.steady import steady

TENANT, NEIGHBOUR = "tenant1", "tenant2"
PATIENCE = 60
VIRTUAL_SERVICES = "/apis/networking.istio.io/v1/namespaces/{}/virtualservices/neighbours"


def filter_of(namespace, gateway, code):
    """An EnvoyFilter by which a gateway runs a script for each request."""
    lua = {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua", "inline_code": code}
    place = {"filterChain": {"filter": {"name": "envoy.filters.network.http_connection_manager"}}}
    patch = {
        "applyTo": "HTTP_FILTER",
        "match": {"context": "GATEWAY", "listener": place},
        "patch": {"operation": "INSERT_FIRST", "value": {"name": "broken", "typed_config": lua}},
    }
    spec = {"workloadSelector": {"labels": {"istio": gateway}}, "configPatches": [patch]}
    return made("networking.istio.io/v1alpha3", "EnvoyFilter", namespace, spec)


def breaking(namespace, gateway):
    """One that answers everything itself."""
    code = 'function envoy_on_request(handle) handle:respond({[":status"] = "503"}, "broken") end'
    return filter_of(namespace, gateway, code)


def route(namespace):
    """A route of a tenant's own, by which it is seen whether its changes reach its gateway."""
    answer = {"directResponse": {"status": 299}, "match": [{"uri": {"exact": "/changed"}}]}
    spec = {"hosts": [f"{namespace}.example.com"], "gateways": [f"{namespace}-ingress"], "http": [answer]}
    return made("networking.istio.io/v1", "VirtualService", namespace, spec)


def made(version, kind, namespace, spec):
    metadata = {"name": "neighbours", "namespace": namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


@pytest.fixture
def neighbour(mesh, tmp_path):
    """Somebody with files of its own asks the neighbour all the time; nothing may fail."""
    client = Mesh(lab=mesh.lab, folder=tmp_path)
    with steady(lambda: client.ask(NEIGHBOUR, "/productpage", timeout=PATIENCE)) as asked:
        mesh.eventually(lambda: asked.answered, PATIENCE)
        yield asked
        so_far = asked.answered
        mesh.eventually(lambda: asked.answered > so_far, PATIENCE)
    assert asked.failures == []


@pytest.mark.usefixtures("neighbour")
def test_a_script_that_breaks_a_gateway_breaks_that_tenant_alone(mesh):
    with mesh.applied(breaking(TENANT, f"{TENANT}-ingress")):
        assert mesh.ask(TENANT).text == "broken"
        assert mesh.ask(NEIGHBOUR).status == 200
    assert mesh.ask(TENANT).status == 200


@pytest.mark.usefixtures("neighbour")
def test_a_script_for_the_neighbours_gateway_does_nothing(mesh):
    with mesh.applied(breaking(TENANT, f"{NEIGHBOUR}-ingress")):
        assert (mesh.ask(TENANT).status, mesh.ask(NEIGHBOUR).status) == (200, 200)


def test_the_same_in_the_neighbours_own_namespace_breaks_it(mesh):
    """Or the tests above could not fail."""
    with mesh.applied(breaking(NEIGHBOUR, f"{NEIGHBOUR}-ingress")):
        assert mesh.ask(NEIGHBOUR).text == "broken"


@pytest.mark.rejects
@pytest.mark.usefixtures("neighbour")
def test_what_a_gateway_rejects_holds_up_its_own_changes_and_no_neighbours(mesh):
    before, body = mesh.rejects(), filter_of(TENANT, f"{TENANT}-ingress", "this is not Lua")
    path = f"/apis/networking.istio.io/v1alpha3/namespaces/{TENANT}/envoyfilters/neighbours"
    mesh.lab.api.apply(path, body)
    try:
        mesh.eventually(lambda: mesh.rejects() > before, PATIENCE)
        mesh.lab.api.apply(VIRTUAL_SERVICES.format(NEIGHBOUR), route(NEIGHBOUR))
        mesh.eventually(lambda: mesh.ask(NEIGHBOUR, "/changed").status == 299, PATIENCE)
        behind = {proxy.split()[0].split(".")[0] for proxy, sent, acked in mesh.sync() if sent != acked}
        assert behind == {mesh.gateway(TENANT)["metadata"]["name"]}
        assert mesh.ask(TENANT).status == 200, "it goes on with what it had"
    finally:
        for one in (path, VIRTUAL_SERVICES.format(NEIGHBOUR)):
            mesh.lab.api.request("DELETE", one)
        mesh.settle(PATIENCE)


@pytest.mark.usefixtures("neighbour")
def test_a_wrong_certificate_shuts_out_that_tenants_clients_alone(mesh):
    """The neighbour's certificate in the tenant's Secret: its clients take the gateway for somebody else."""
    with mesh.changed(with_certificate_of(mesh, TENANT, NEIGHBOUR)):
        mesh.eventually(lambda: refused(mesh, TENANT) == "CERTIFICATE_VERIFY_FAILED", PATIENCE)
        assert mesh.ask(NEIGHBOUR).status == 200
    mesh.eventually(lambda: refused(mesh, TENANT) == "", PATIENCE)


def with_certificate_of(mesh, tenant, other):
    name, content = (secret(mesh, one) for one in (tenant, other))
    metadata = {"name": name["metadata"]["name"], "namespace": tenant}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": name["type"], "data": content["data"]}


def secret(mesh, tenant):
    """What the tenant's gateway presents itself with."""
    path = f"/apis/networking.istio.io/v1/namespaces/{tenant}/gateways/{tenant}-ingress"
    servers = (one["tls"] for one in mesh.lab.api.get(path)["spec"]["servers"])
    (name,) = {tls["credentialName"] for tls in servers if "credentialName" in tls}
    return mesh.lab.api.get(f"/api/v1/namespaces/{tenant}/secrets/{name}")


def refused(mesh, tenant):
    """Why the tenant's client gets no answer; "" when it gets one."""
    try:
        mesh.ask(tenant)
    except RefusedError as problem:
        return problem.reason
    return ""


def test_a_flood_at_a_gateway_reaches_none_of_the_neighbours_proxies_and_costs_it_no_request(mesh):
    flood = through_gateway(mesh, TENANT, path="/productpage", rate=300, seconds=8, connections=64, timeout=PATIENCE)
    usual = through_gateway(mesh, NEIGHBOUR, path="/productpage", rate=10, seconds=5, timeout=PATIENCE)
    before = {tenant: served(mesh, tenant) for tenant in (TENANT, NEIGHBOUR)}
    with sending(mesh.lab, flood) as flooding:
        mesh.eventually(lambda: served(mesh, TENANT) > before[TENANT], PATIENCE)
        found = sent(mesh.lab, usual)
        flooded = flooding.ended()
    assert (found["good"], found["errors"]) == (50, {})
    assert flooded["requests"] == 2400
    after = {tenant: served(mesh, tenant) for tenant in (TENANT, NEIGHBOUR)}
    assert after[TENANT] - before[TENANT] >= 2400
    assert after[NEIGHBOUR] - before[NEIGHBOUR] == 60, "with those that warm up, it has had its own and no other"


def served(mesh, tenant):
    """How many requests a tenant's gateway has answered."""
    return sum(mesh.stats(mesh.gateway(tenant), r"^http\.outbound_.*_8443.*\.downstream_rq_[1-5]xx$").values())
