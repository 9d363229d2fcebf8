"""A gateway answers clients of its own ranges of addresses only: by the network, and by its own policy as well."""

import pytest

from tenantmesh.lab.namespaces import connect
from tests.mesh.asking import RefusedError, Request
from tests.mesh.bypassing import host_outside

CORPORATE, PUBLIC = "203.0.113.5", "198.51.100.7"
RANGES = {"tenant1": ("203.0.113.0/28", CORPORATE), "tenant2": ("198.51.100.0/24", PUBLIC)}
CLOSED = "https_node_port=block + 443)"
NARROWED = 'https_node_port=block + 443, source_ranges=[{"tenant1": "203.0.113.0/28"}.get(name, "198.51.100.0/24")])'
PAIRS = tuple((tenant, address) for tenant in RANGES for address in (CORPORATE, PUBLIC))


@pytest.fixture(scope="module")
def narrowed(mesh):
    """The dev stack, whose tenants are each for one network."""

    def edit(program):
        path = program / "stacks" / "__main__.py"
        text = path.read_text()
        assert text.count(CLOSED) == 1
        path.write_text(text.replace(CLOSED, NARROWED))

    with mesh.deployed(edit):
        yield mesh


@pytest.fixture(scope="module")
def networks(mesh):
    """Those of two hosts outside, by their address."""
    with host_outside(mesh, CORPORATE, 443) as corporate, host_outside(mesh, PUBLIC, 443) as public:
        yield {CORPORATE: corporate, PUBLIC: public}


def asked(mesh, network, tenant, port="https"):
    """What a host outside gets from a tenant's gateway at its node port: a status, or why none."""
    own, host = mesh.credential(tenant), f"{tenant}.example.com"
    secured = {"sni": host, "ca": own.ca, "credential": own} if port == "https" else {}
    sent = Request(path="/productpage", host=host, timeout=10, **secured)
    address, number = mesh.lab.node_address, mesh.node_port(tenant, port)
    try:
        return sent.send(lambda: connect(network.namespace, address, number, timeout=10)).status
    except RefusedError as problem:
        return problem.reason


def opened(mesh, tenant):
    """The network policy of the tenant's gateway as it would be without ranges."""
    path = f"/apis/networking.k8s.io/v1/namespaces/{tenant}/networkpolicies/allow-clients"
    found = mesh.lab.api.get(path)
    (rule,) = found["spec"]["ingress"]
    spec = {**found["spec"], "ingress": [{"ports": rule["ports"]}]}
    name = {"name": "allow-clients", "namespace": tenant}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": name, "spec": spec}


def test_without_ranges_both_networks_are_answered_at_both_gateways(mesh, networks):
    """Or the refusals below would show nothing; the stack has ranges only from the next test on."""
    assert {asked(mesh, networks[address], tenant) for tenant, address in PAIRS} == {200}


@pytest.mark.parametrize(("tenant", "address"), PAIRS)
def test_a_gateway_answers_its_own_network_and_the_other_does_not_get_as_far(narrowed, networks, tenant, address):
    inside = RANGES[tenant][1] == address
    assert asked(narrowed, networks[address], tenant) == (200 if inside else "connection")
    assert asked(narrowed, networks[address], tenant, "http") == (301 if inside else "connection")


@pytest.mark.parametrize("tenant", RANGES)
def test_the_gateways_own_policy_refuses_the_other_network_too(narrowed, networks, tenant):
    """Where a network enforces no policies, or the policy was lost."""
    with narrowed.changed(opened(narrowed, tenant)):
        for address in (CORPORATE, PUBLIC):
            inside = RANGES[tenant][1] == address
            narrowed.eventually(lambda at=address: asked(narrowed, networks[at], tenant) != "connection", 60)
            assert asked(narrowed, networks[address], tenant) == (200 if inside else 403)


def test_a_client_does_not_choose_its_address_by_a_header(narrowed, networks):
    """The address is that of the connection, whatever was written in front of it."""
    tenant, own = "tenant1", narrowed.credential("tenant1")
    headers = {"x-forwarded-for": CORPORATE, "x-real-ip": CORPORATE}
    host, port = f"{tenant}.example.com", narrowed.node_port(tenant, "https")
    sent = Request(path="/productpage", host=host, sni=host, ca=own.ca, credential=own, headers=headers, timeout=10)
    namespace = networks[PUBLIC].namespace
    with narrowed.changed(opened(narrowed, tenant)):
        narrowed.eventually(lambda: asked(narrowed, networks[PUBLIC], tenant) != "connection", 60)
        answer = sent.send(lambda: connect(namespace, narrowed.lab.node_address, port, timeout=10))
    assert answer.status == 403
