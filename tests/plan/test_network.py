"""The fence of the network: shut both ways, with exceptions that have names."""

import ipaddress

import pytest

from tenantmesh.args.parse import parse_mesh

OWN = {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["acme"]}]}
EGRESS = {"egress": {"services": [{"host": "api.stripe.com"}, {"host": "b.example.com", "port": 8443}]}}


def test_the_default_is_shut_both_ways_for_every_pod(planned):
    plan = planned({"namespaces": [{"name": "db"}]})
    for namespace in ("acme", "acme--db"):
        assert plan.spec("NetworkPolicy", "default-deny", namespace) == {
            "podSelector": {},
            "policyTypes": ["Egress", "Ingress"],
        }


def test_within_the_tenant_all_is_open(planned):
    spec = planned().spec("NetworkPolicy", "allow-tenant")
    assert spec["ingress"] == [{"from": [{"namespaceSelector": OWN}]}]
    assert spec["egress"] == [{"to": [{"namespaceSelector": OWN}]}]


def test_dns_is_asked_of_the_dns_pods_only(planned):
    rule = planned().spec("NetworkPolicy", "allow-dns")["egress"][0]
    assert {port["port"] for port in rule["ports"]} == {53}
    assert rule["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
    assert rule["to"][0]["namespaceSelector"]["matchExpressions"][0]["values"] == ["kube-system"]


def test_the_control_plane_is_asked_on_its_secure_port_only(planned):
    """The debug ports of istiod stay shut (CVE-2026-31838)."""
    rule = planned().spec("NetworkPolicy", "allow-control-plane")["egress"][0]
    assert rule["ports"] == [{"port": 15012, "protocol": "TCP"}]
    assert rule["to"][0]["podSelector"] == {"matchLabels": {"app": "istiod"}}


def test_observability_reads_the_proxies_metrics_and_no_more(planned):
    rule = planned().spec("NetworkPolicy", "allow-observability")["ingress"][0]
    assert [port["port"] for port in rule["ports"]] == [15020, 15090]
    mesh = parse_mesh({"infrastructure": {"observability_namespaces": []}})
    assert "acme/allow-observability" not in planned(mesh=mesh).names("NetworkPolicy")


def test_the_api_server_is_shut_unless_its_addresses_are_given(planned):
    assert "acme/allow-api-server" not in planned().names("NetworkPolicy")
    mesh = parse_mesh({"infrastructure": {"api_server_cidrs": ["10.0.0.1/32"], "api_server_port": 6443}})
    rule = planned(mesh=mesh).spec("NetworkPolicy", "allow-api-server")["egress"][0]
    assert rule == {
        "ports": [{"port": 6443, "protocol": "TCP"}],
        "to": [{"ipBlock": {"cidr": "10.0.0.1/32"}}],
    }


@pytest.mark.parametrize(
    ("ingress", "ports"), [({}, [8080, 8443]), ({"http_port": 0}, [8443]), ({"client_tls": "none"}, [8080])]
)
def test_clients_reach_the_ingress_gateways_open_ports(planned, ingress, ports):
    spec = planned({"ingress": {"hosts": ["a.example.com"], **ingress}}).spec("NetworkPolicy", "allow-clients")
    assert spec["podSelector"] == {"matchLabels": {"istio": "acme-ingress"}}
    assert [port["port"] for port in spec["ingress"][0]["ports"]] == ports
    assert "from" not in spec["ingress"][0]


def test_clients_may_be_bound_to_addresses(planned):
    args = {"ingress": {"hosts": ["a.example.com"], "service": {"source_ranges": ["203.0.113.0/24"]}}}
    rule = planned(args).spec("NetworkPolicy", "allow-clients")["ingress"][0]
    assert rule["from"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]


def test_only_the_egress_gateway_leaves_and_only_to_the_named_ports(planned):
    plan = planned(EGRESS)
    spec = plan.spec("NetworkPolicy", "allow-outside")
    assert spec["podSelector"] == {"matchLabels": {"istio": "acme-egress"}}
    assert [port["port"] for port in spec["egress"][0]["ports"]] == [443, 8443]
    blocks = [
        peer["ipBlock"]["cidr"]
        for body in plan.bodies
        if body["kind"] == "NetworkPolicy"
        for rule in body["spec"].get("egress", [])
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    assert blocks == ["0.0.0.0/0", "::/0"]


@pytest.mark.parametrize(
    "inside", ["10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "fd00::1", "fe80::1"]
)
def test_an_address_of_the_cluster_is_never_outside(planned, inside):
    peers = planned(EGRESS).spec("NetworkPolicy", "allow-outside")["egress"][0]["to"]
    address = ipaddress.ip_address(inside)
    for block in (peer["ipBlock"] for peer in peers):
        if address in ipaddress.ip_network(block["cidr"]):
            assert any(address in ipaddress.ip_network(kept) for kept in block["except"])


def test_members_of_a_project_meet_by_namespace(planned):
    plan = planned({"sharing": {"project": {"name": "shop", "tenants": ["globex"]}}})
    spec = plan.spec("NetworkPolicy", "allow-project")
    assert spec["ingress"] == [{"from": [spec["egress"][0]["to"][0]]}]
    assert spec["egress"][0]["to"][0]["namespaceSelector"]["matchExpressions"][0]["values"] == ["globex"]
