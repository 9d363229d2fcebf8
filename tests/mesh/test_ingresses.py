"""The example `gateways` on the mesh: one tenant, with a gateway for the public network and one for the corporate."""

import shlex
import subprocess

import pytest

from tenantmesh.lab import entrances
from tenantmesh.lab.namespaces import connect
from tests.mesh.asking import RefusedError, Request
from tests.mesh.beside import beside
from tests.mesh.bypassing import host_outside, reach
from tests.mesh.tokens import Issuer, bearing

TENANT, HOST, TILLS = "mart", "mart.example.com", "tills.mart.example.com"
MAIN, STAFF = "mart-ingress", "mart-ingress--staff"
CORPORATE, PUBLIC = "203.0.113.25", "198.51.100.25"
DOMAIN = f'domain="{HOST}",\n'
QUEUE = f"""
tm.App(
    "mart/queue",
    tm.AppArgs(
        tenant="mart",
        image="registry.example.com/queue:1",
        ports=[tm.PortArgs(port=8080, protocol="tcp")],
        routes=[tm.RouteArgs(host="{TILLS}", ingresses=["staff"])],
    ),
)
"""
"""An App over TCP behind the second gateway alone; its stand-in speaks HTTP over what it is given."""


@pytest.fixture(scope="module")
def deploy(mesh):
    """Deploys the example beside the dev stack, whose mesh it joins, with more arguments of its tenant."""
    with beside(mesh, "gateways", TENANT) as example:
        yield lambda more="": example.deploy({DOMAIN: f"{DOMAIN}        {more}\n"}, more=QUEUE)


@pytest.fixture(scope="module")
def gateways(mesh, deploy):
    deploy()
    return mesh


@pytest.fixture(scope="module")
def hosts(mesh):
    """The networks of a host of each kind, by its address."""
    with host_outside(mesh, CORPORATE, 443) as corporate, host_outside(mesh, PUBLIC, 443) as public:
        yield {CORPORATE: corporate, PUBLIC: public}


@pytest.fixture(scope="module")
def ask(gateways, hosts):
    """What a host outside gets from one of the gateways at its node port: a status and an App, or why neither."""
    till = gateways.credential(TENANT, "staff--till")

    def send(address, gateway, path="/", *, client=till, host=HOST, **more):
        service = gateways.lab.api.get(f"/api/v1/namespaces/{TENANT}/services/{gateway}")
        port = next(one["nodePort"] for one in service["spec"]["ports"] if one["name"] == "https")
        sent = Request(path=path, host=host, sni=host, ca=till.ca, credential=client, timeout=10, **more)
        namespace = hosts[address].namespace
        try:
            answer = sent.send(lambda: connect(namespace, gateways.lab.node_address, port, timeout=10))
        except RefusedError as problem:
            return problem.reason
        return answer.status, answer.headers.get("x-standin-service", "")

    return send


def test_each_gateway_opens_the_apps_whose_routes_name_it(ask):
    """The host is the same at both: what is behind the other gateway is not there."""
    seen = {
        (at, path): ask(at, gateway, path)
        for at, gateway in ((PUBLIC, MAIN), (CORPORATE, STAFF))
        for path in ("/shop", "/stock", "/help")
    }
    assert seen == {
        (PUBLIC, "/shop"): (200, "shop"),
        (PUBLIC, "/stock"): (404, ""),
        (PUBLIC, "/help"): (200, "help"),
        (CORPORATE, "/shop"): (404, ""),
        (CORPORATE, "/stock"): (200, "stock"),
        (CORPORATE, "/help"): (200, "help"),
    }


def test_the_main_gateway_asks_nobody_for_a_certificate_and_the_other_everybody(ask):
    assert ask(PUBLIC, MAIN, "/shop", client=None) == (200, "shop")
    assert ask(CORPORATE, STAFF, "/stock", client=None) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


def test_a_client_of_another_authority_is_refused(gateways, ask):
    assert ask(CORPORATE, STAFF, "/stock", client=gateways.credential("tenant1")) == "TLSV1_ALERT_UNKNOWN_CA"


def test_a_public_address_does_not_get_to_the_gateway_of_the_corporate_network(ask):
    assert ask(PUBLIC, STAFF, "/stock") == "connection"
    assert ask(CORPORATE, MAIN, "/shop") == (200, "shop")


def test_the_gateways_own_policy_refuses_it_too(gateways, ask):
    """Where a network enforces no policies, or the policy was lost."""
    found = gateways.lab.api.get(f"/apis/networking.k8s.io/v1/namespaces/{TENANT}/networkpolicies/allow-clients--staff")
    (rule,) = found["spec"]["ingress"]
    opened = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "allow-clients--staff", "namespace": TENANT},
        "spec": {**found["spec"], "ingress": [{"ports": rule["ports"]}]},
    }
    with gateways.changed(opened):
        gateways.eventually(lambda: ask(PUBLIC, STAFF, "/stock") == (403, ""), 60)
        assert ask(CORPORATE, STAFF, "/stock") == (200, "stock")
    gateways.eventually(lambda: ask(PUBLIC, STAFF, "/stock") == "connection", 60)


def test_a_name_over_tcp_is_at_the_gateway_that_its_route_names(ask):
    assert ask(CORPORATE, STAFF, host=TILLS) == (200, "queue")
    assert ask(CORPORATE, STAFF, host=TILLS, client=None) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert ask(PUBLIC, MAIN, host=TILLS) == (404, "")


def test_nobody_gets_past_the_gateways_to_an_app_or_out(gateways):
    """A second gateway is no second hole: it is within the fence as the first is."""
    (gateway,) = gateways.lab.pods(TENANT, f"istio={STAFF}")
    stranger = gateways.app("tenant1", "reviews", "v1")["status"]["podIP"]
    assert reach(gateways, gateway, stranger, 9080) == "blocked"
    assert reach(gateways, gateway, PUBLIC, 443) == "blocked"


def test_what_the_second_gateway_answers_is_in_its_log_with_the_tenant(gateways, ask):
    assert ask(CORPORATE, STAFF, "/stock?mark=staff") == (200, "stock")
    (gateway,) = gateways.lab.pods(TENANT, f"istio={STAFF}")

    def lines():
        return [line for line in gateways.proxy_log(gateway).splitlines() if "mark=staff" in line]

    gateways.eventually(lambda: any(f"tenant={TENANT}" in line for line in lines()), 60)


def test_a_person_is_told_the_way_in_at_each(gateways):
    """With a path that is open there, and the files of a client that is taken there; only staff come from elsewhere."""
    found = {one.port: one for one in entrances(gateways.lab) if one.tenant == TENANT}
    assert [(one.path, one.credential and one.credential.name) for one in found.values()] == [
        ("/help", None),
        ("/help", "mart--client--staff--till"),
    ]
    first, _ = found.values()
    command = [*shlex.split(first.curl()), "--silent", "--show-error", "--fail"]
    assert b"/help" in subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def test_tokens_are_asked_for_at_both_gateways(deploy, ask):
    issuer = Issuer(name="https://id.mart.example.com", audience="mart")
    asked = {"issuer": issuer.name, "audiences": [issuer.audience], "jwks": issuer.jwks}
    try:
        deploy(f"jwt=[{asked!r}],")
        for at, gateway, path in ((PUBLIC, MAIN, "/shop"), (CORPORATE, STAFF, "/stock")):
            assert ask(at, gateway, path) == (403, "")
            assert ask(at, gateway, path, headers=bearing(issuer.token(seconds=-120))) == (401, "")
            assert ask(at, gateway, path, headers=bearing(issuer.token())) == (200, path[1:])
    finally:
        deploy()
