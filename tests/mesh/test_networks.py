"""The example `networks` on the mesh: gateways for customers and for operations, each for a network of its own."""

import ssl

import pytest

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tenantmesh.lab.namespaces import connect
from tests.mesh.asking import RefusedError, Request
from tests.mesh.beside import beside
from tests.mesh.bypassing import host_outside, reach

CORPORATE, PUBLIC = "203.0.113.25", "198.51.100.25"
LEDGER, PAYMENTS = "ledger.corp.example", "api.payments.example"


def names(corporate, public):
    hosts = "\n".join((f"{corporate} {LEDGER}", f"{public} {PAYMENTS}"))
    metadata = {"name": "coredns", "namespace": "kube-system"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"NodeHosts": hosts}}


@pytest.fixture(scope="module")
def networks(mesh):
    """The example beside the dev stack, whose mesh it joins; the names that it calls are there before it."""
    with mesh.applied(names(CORPORATE, PUBLIC)), beside(mesh, "networks", "store", "office") as example:
        example.deploy()
        yield mesh


@pytest.fixture(scope="module")
def authority(networks):
    return Authority(networks.folder / "outside-ca", Circle.CLUSTER)


@pytest.fixture(scope="module")
def trusting(authority):
    return ssl.create_default_context(cafile=authority.path)


@pytest.fixture(scope="module")
def outside(networks, authority):
    """Two hosts outside, one in each network, both with a certificate for either name, by their address."""
    pair = authority.issue(Subject(user="outside", hosts=(LEDGER, PAYMENTS)))
    file = networks.folder / "outside.pem"
    file.write_bytes(pair.certificate + pair.key)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(file)
    with host_outside(networks, CORPORATE, 443, secured) as one, host_outside(networks, PUBLIC, 443, secured) as other:
        yield {CORPORATE: one, PUBLIC: other}


def asked(mesh, network, tenant, port="http"):
    """What a host outside gets from a tenant's gateway at its node port: a status, or why none."""
    host, secured = f"{tenant}.example.com", {}
    if port == "https":
        own = mesh.credential(tenant, "desk")
        secured = {"sni": host, "ca": own.ca, "credential": own}
    sent = Request(path="/", host=host, timeout=10, **secured)
    address, number = mesh.lab.node_address, mesh.node_port(tenant, port)
    try:
        return sent.send(lambda: connect(network.namespace, address, number, timeout=10)).status
    except RefusedError as problem:
        return problem.reason


def said(mesh, tenant, app, at, name, trusting):
    """What a host outside says over TLS to an App, whose sidecar takes the connection; "" where nobody answers."""
    namespace = mesh.lab.namespace(mesh.app(tenant, app))
    try:
        with (
            connect(namespace, at, 443, timeout=10) as plain,
            trusting.wrap_socket(plain, server_hostname=name) as secured,
        ):
            return secured.recv(100).decode()
    except OSError:
        return ""


def test_everybody_is_answered_by_the_store_and_the_corporate_network_by_the_office(networks, outside):
    seen = {(at, tenant): asked(networks, outside[at], tenant) for at in outside for tenant in ("store", "office")}
    assert seen == {
        (CORPORATE, "store"): 301,
        (PUBLIC, "store"): 301,
        (CORPORATE, "office"): 301,
        (PUBLIC, "office"): "connection",
    }
    assert asked(networks, outside[CORPORATE], "office", "https") == 200
    assert asked(networks, outside[PUBLIC], "office", "https") == "connection"


def test_a_host_is_called_in_the_network_that_it_belongs_to(networks, outside, trusting):
    assert outside
    networks.eventually(lambda: said(networks, "store", "orders", PUBLIC, PAYMENTS, trusting) == PUBLIC, 60)
    networks.eventually(lambda: said(networks, "office", "support", CORPORATE, LEDGER, trusting) == CORPORATE, 60)
    assert said(networks, "store", "orders", CORPORATE, LEDGER, trusting) == ""
    assert said(networks, "office", "support", PUBLIC, PAYMENTS, trusting) == ""


def test_the_office_leaves_for_the_corporate_network_only(networks, outside):
    """Whatever a name means today, and whatever the gateway has been made to believe."""

    def seen(tenant, at):
        return {reach(networks, pod, at, 443) for pod in networks.lab.pods(tenant, f"istio={tenant}-egress")}

    assert {at: (seen("store", at), seen("office", at)) for at in outside} == {
        CORPORATE: ({"open"}, {"open"}),
        PUBLIC: ({"open"}, {"blocked"}),
    }


def test_a_name_that_moves_out_of_the_network_is_not_followed(networks, outside, trusting):
    assert outside
    networks.eventually(lambda: said(networks, "office", "support", CORPORATE, LEDGER, trusting) == CORPORATE, 60)
    networks.apply(names(PUBLIC, PUBLIC))
    try:
        networks.eventually(lambda: said(networks, "office", "support", CORPORATE, LEDGER, trusting) == "", 60)
    finally:
        networks.apply(names(CORPORATE, PUBLIC))
    networks.eventually(lambda: said(networks, "office", "support", CORPORATE, LEDGER, trusting) == CORPORATE, 60)


def test_support_calls_the_orders_of_the_store(networks):
    answer = networks.ask_inside(networks.app("office", "support"), "http://orders.store:8080/")
    assert answer.status == 200
