"""What the network itself blocks, where a workload leaves its sidecar out: the tenants' NetworkPolicies, enforced."""

import ssl
from collections import Counter

import pytest

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tenantmesh.lab.namespaces import connect
from tests.mesh.bypassing import host_outside, reach, reach_all, reach_from
from tests.oracles.ours import Ours
from tests.oracles.sample import Port, Sample

TENANTS = ("tenant1", "tenant2")
PAIRS = (TENANTS, TENANTS[::-1])
OUTSIDE, AT = "203.0.113.20", "203.0.113.21"
PARTNER = "api.partner.example"
_APP, _GATEWAY = 9080, (8080, 8443)
_PROXY = (15000, 15006, 15008, 15020, 15021, 15090)
_PORTS = (_APP, *_GATEWAY, *_PROXY)


@pytest.fixture(scope="module")
def outside(mesh):
    with host_outside(mesh, OUTSIDE, 443) as network:
        yield network


def _address(pod):
    return pod["status"]["podIP"]


def _apps(mesh, tenant):
    return mesh.lab.pods(tenant, "app.kubernetes.io/component=app")


@pytest.mark.parametrize(("source", "destination"), PAIRS)
def test_no_pod_reaches_a_pod_of_the_other_tenant_on_any_port(mesh, source, destination):
    """Neither application nor gateway, by its address and past its own sidecar."""
    targets = [(_address(target), port) for target in mesh.lab.pods(destination) for port in _PORTS]
    for pod in mesh.lab.pods(source):
        seen = reach_all(mesh, pod, targets)
        assert Counter(seen.values()) == {"blocked": len(targets)}, pod["metadata"]["name"]


@pytest.mark.parametrize(("source", "destination"), PAIRS)
def test_no_pod_reaches_a_service_of_the_other_tenant(mesh, source, destination):
    """By a cluster address, which leads to the same pods."""
    pod = mesh.app(source, "productpage")
    for service, port in (("details", _APP), (f"{destination}-ingress", 443)):
        assert reach(mesh, pod, mesh.address(service, destination), port) == "blocked", service


@pytest.mark.parametrize("tenant", TENANTS)
def test_pods_of_one_tenant_reach_each_other(mesh, tenant):
    """The network lets them; whom a workload answers is for its sidecar to decide."""
    apps = _apps(mesh, tenant)
    seen = {reach(mesh, pod, _address(target), _APP) for pod in apps for target in apps}
    assert seen == {"open"}


@pytest.mark.parametrize("tenant", TENANTS)
def test_no_pod_reaches_the_world_outside(mesh, outside, tenant):
    """Without an egress gateway nothing does."""
    for pod in mesh.lab.pods(tenant):
        assert reach(mesh, pod, outside.address, 443) == "blocked", pod["metadata"]["name"]


def test_the_world_outside_reaches_the_gateways_client_ports_and_nothing_else(mesh, outside):
    for tenant in TENANTS:
        gateway = _address(mesh.gateway(tenant))
        assert {port: reach_from(outside, gateway, port) for port in _GATEWAY} == dict.fromkeys(_GATEWAY, "open")
        assert {port: reach_from(outside, gateway, port) for port in _PROXY} == dict.fromkeys(_PROXY, "blocked")
        for pod in _apps(mesh, tenant):
            assert {reach_from(outside, _address(pod), port) for port in _PORTS} == {"blocked"}


@pytest.mark.parametrize("tenant", TENANTS)
def test_pods_ask_for_names_and_nothing_else_of_their_server(mesh, tenant):
    names = _address(mesh.pod("kube-system", "k8s-app=kube-dns"))
    pod = mesh.app(tenant, "details")
    assert reach(mesh, pod, names, 53, "UDP") == "open"
    assert reach(mesh, pod, names, 53) == "open"
    assert reach(mesh, pod, names, 8080) == "blocked"
    assert reach(mesh, pod, mesh.address("kube-dns", "kube-system"), 53, "UDP") == "open"


@pytest.mark.parametrize("tenant", TENANTS)
def test_pods_reach_the_control_plane_where_proxies_get_their_configuration_only(mesh, tenant):
    """Its debug port, for one, tells of every tenant."""
    pod = mesh.app(tenant, "details")
    assert reach(mesh, pod, mesh.lab.address, 15012) == "open"
    assert {reach(mesh, pod, mesh.lab.address, port) for port in (8080, 15010, 15014, 15017)} == {"blocked"}


_VERSIONS = {"NetworkPolicy": "networking.k8s.io/v1"}
_KINDS = {
    "Namespace": "/api/v1/namespaces",
    "Pod": "/api/v1/pods",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/networkpolicies",
}


def _disagreements(mesh):
    """The TCP connections of which tenantmesh's own prover says something else than the network does, and how many."""
    objects = [one | {"kind": kind} for kind, path in _KINDS.items() for one in mesh.lab.api.get(path)["items"]]
    sample = Sample(
        objects=tuple(one | {"apiVersion": _VERSIONS.get(one["kind"], "v1")} for one in objects),
        outside=(OUTSIDE,),
        ports=tuple(Port(number, "TCP") for number in (53, 443, 15012, *_PORTS)),
    )
    prover = Ours(sample)
    pods = {(one["metadata"]["namespace"], one["metadata"]["name"]): one for one in objects if one["kind"] == "Pod"}
    asked = [one for one in sample.questions() if one.source.namespace in TENANTS]
    wrong: list[str] = []
    for source in {one.source[:2] for one in asked}:
        own = [one for one in asked if one.source[:2] == source]
        seen = reach_all(mesh, pods[source], {(one.destination.address, one.port.number) for one in own})
        for one in own:
            is_blocked = seen[one.destination.address, one.port.number] == "blocked"
            wrong += [str(one)] if is_blocked != (prover.answer(one) == "0") else []
    return wrong, len(asked)


@pytest.mark.usefixtures("outside")
def test_the_prover_says_of_each_connection_what_the_network_does(mesh):
    """From every pod of a tenant to every other pod, the control plane, the server of names and the world outside."""
    wrong, asked = _disagreements(mesh)
    assert wrong == []
    assert asked > 1000


def _opening(namespace, direction):
    body = {"podSelector": {}, "policyTypes": [direction], direction.lower(): [{}]}
    metadata = {"name": "opening", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": body}


def test_it_takes_an_opening_on_both_sides_to_get_across(mesh, outside):
    """So it is these policies that block, both of them, and one that is added or removed counts at once."""
    pod, target = mesh.app("tenant1", "productpage"), _address(mesh.app("tenant2", "details"))

    def seen():
        return reach(mesh, pod, target, _APP)

    with mesh.applied(_opening("tenant1", "Egress")):
        mesh.eventually(lambda: reach(mesh, pod, mesh.lab.address, 15014) == "open")
        assert seen() == "blocked"
        with mesh.applied(_opening("tenant2", "Ingress")):
            mesh.eventually(lambda: seen() == "open")
        mesh.eventually(lambda: seen() == "blocked")
    with mesh.applied(_opening("tenant2", "Ingress")):
        mesh.eventually(lambda: reach_from(outside, target, _APP) == "open")
        assert seen() == "blocked"
    mesh.eventually(lambda: reach_from(outside, target, _APP) == "blocked")


_GRANT = """
tm.Grant(
    "tenant2-reads-details",
    tm.GrantArgs(
        source="tenant2", destination="tenant1", service="details", ports=[9080], methods=["GET"], reason="a test"
    ),
)

for name in names:"""
_EGRESS = """
            **({"egress": tm.EgressArgs(
                services=[tm.ExternalServiceArgs(host="api.partner.example", service_accounts=["productpage"])],
                replicas=size.gateway,
            )} if name == "tenant1" else {}),
            access=["""


def _opened(program):
    """tenant2 may call tenant1's details, and tenant1 gets an egress gateway."""
    main = program / "stacks" / "__main__.py"
    text = main.read_text()
    assert text.count("\nfor name in names:") == text.count("\n            access=[") == 1
    main.write_text(text.replace("\nfor name in names:", _GRANT).replace("\n            access=[", _EGRESS))


@pytest.fixture(scope="module")
def opened(mesh):
    """The name of the granted host is there before the gateway asks for it: what is missing it asks for seldom."""
    metadata = {"name": "coredns", "namespace": "kube-system"}
    hosts = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"NodeHosts": f"{AT} {PARTNER}"}}
    with mesh.applied(hosts), mesh.deployed(_opened):
        yield mesh


def test_a_grant_opens_the_one_port_of_the_one_service(opened):
    target = opened.app("tenant1", "details")
    for pod in _apps(opened, "tenant2"):
        assert reach(opened, pod, _address(target), _APP) == "open"
        assert {reach(opened, pod, _address(target), port) for port in _PROXY} == {"blocked"}
        assert reach(opened, pod, _address(opened.app("tenant1", "ratings")), _APP) == "blocked"
    for pod in _apps(opened, "tenant1"):
        assert reach(opened, pod, _address(opened.app("tenant2", "details")), _APP) == "blocked"


@pytest.mark.usefixtures("outside")
def test_the_prover_says_so_too_with_a_grant_and_an_egress_gateway(opened):
    wrong, _ = _disagreements(opened)
    assert wrong == []


def test_only_the_egress_gateway_reaches_the_world_outside(opened, outside):
    """Even the workload that may call the host can't call it by itself, and the other tenant's pods can't either."""
    gateway = opened.pod("tenant1", "istio=tenant1-egress")
    assert reach(opened, gateway, outside.address, 443) == "open"
    for tenant in TENANTS:
        others = [pod for pod in opened.lab.pods(tenant) if pod["metadata"]["name"] != gateway["metadata"]["name"]]
        assert {reach(opened, pod, outside.address, 443) for pod in others} == {"blocked"}


@pytest.fixture
def partner(opened, tmp_path):
    """A host outside that has the name of the granted one, and a context that trusts its certificate."""
    authority = Authority(tmp_path, Circle.CLUSTER)
    pair = authority.issue(Subject(user="partner", hosts=(PARTNER,)))
    (tmp_path / "partner.pem").write_bytes(pair.certificate + pair.key)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(tmp_path / "partner.pem")
    with host_outside(opened, AT, 443, secured):
        yield ssl.create_default_context(cafile=tmp_path / "ca.crt")


def _hello(mesh, pod, trusting, name):
    """What a host outside says over TLS to a workload, whose sidecar takes the connection; "" if it is refused."""
    try:
        with (
            connect(mesh.lab.namespace(pod), AT, 443) as plain,
            trusting.wrap_socket(plain, server_hostname=name) as secured,
        ):
            return secured.recv(100).decode()
    except OSError:
        return ""


def test_a_workload_that_was_granted_a_host_gets_there_by_the_egress_gateway(opened, partner):
    """And only that workload, only with that name, and nobody of the other tenant."""
    productpage = opened.app("tenant1", "productpage")
    opened.eventually(lambda: _hello(opened, productpage, partner, PARTNER) == AT)
    assert _hello(opened, productpage, partner, "other.partner.example") == ""
    assert _hello(opened, opened.app("tenant1", "details"), partner, PARTNER) == ""
    assert _hello(opened, opened.app("tenant2", "productpage"), partner, PARTNER) == ""
    log = opened.proxy_log(opened.pod("tenant1", "istio=tenant1-egress"))
    assert f'"{AT}:443" outbound|443||{PARTNER}' in log


def test_the_egress_gateway_is_no_way_to_the_other_tenant(opened):
    """It may reach every outside address, and the other tenant's pods are none."""
    gateway = opened.pod("tenant1", "istio=tenant1-egress")
    for pod in opened.lab.pods("tenant2"):
        assert {reach(opened, gateway, _address(pod), port) for port in _PORTS} == {"blocked"}
    for pod in _apps(opened, "tenant2"):
        assert {reach(opened, pod, _address(gateway), port) for port in _PORTS} == {"blocked"}
