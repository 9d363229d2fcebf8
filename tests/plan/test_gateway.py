"""The ingress gateway: its own pods, its own Service, its own hosts."""

import pytest

INGRESS = {"domain": "acme.example.com", "ingress": {}}
NAME = "acme-ingress"


def ingress(**args):
    return {"domain": "acme.example.com", "ingress": args}


def https(plan):
    return plan.spec("Gateway", NAME)["servers"][1]


def test_pods_are_injected_by_the_shared_control_plane_and_selected_by_no_other_tenant(planned):
    spec = planned(INGRESS).spec("Deployment", NAME)
    template = spec["template"]
    assert template["metadata"]["annotations"]["inject.istio.io/templates"] == "gateway"
    assert template["metadata"]["labels"]["sidecar.istio.io/inject"] == "true"
    assert template["spec"]["containers"][0]["image"] == "auto"
    assert spec["selector"] == {"matchLabels": {"istio": "acme-ingress"}}


def test_pods_keep_the_restricted_standard(planned):
    pod = planned(INGRESS).spec("Deployment", NAME)["template"]["spec"]
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = pod["containers"][0]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert all(port["containerPort"] >= 1024 for port in container["ports"])


def test_an_autoscaler_has_the_number_of_pods_where_there_is_one(planned):
    plan = planned(ingress(replicas={"minimum": 2, "maximum": 4, "cpu_utilization": 60}))
    assert "replicas" not in plan.spec("Deployment", NAME)
    spec = plan.spec("HorizontalPodAutoscaler", NAME)
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 4)
    assert spec["metrics"][0]["resource"]["target"]["averageUtilization"] == 60


def test_a_fixed_number_of_pods_needs_no_autoscaler(planned):
    plan = planned(ingress(replicas={"minimum": 3}))
    assert plan.spec("Deployment", NAME)["replicas"] == 3
    assert plan.names("HorizontalPodAutoscaler") == []
    assert plan.spec("PodDisruptionBudget", NAME)["maxUnavailable"] == 1


def test_the_service_has_the_ports_that_were_chosen(planned):
    service = {"type": "NodePort", "http_node_port": 31080, "https_node_port": 31443}
    spec = planned(ingress(https_port=8443, service=service)).spec("Service", NAME)
    assert spec["type"] == "NodePort"
    assert [(port["name"], port["port"], port["targetPort"], port["nodePort"]) for port in spec["ports"]] == [
        ("http", 80, 8080, 31080),
        ("https", 8443, 8443, 31443),
    ]


def test_a_load_balancer_keeps_clients_addresses_where_they_are_checked(planned):
    spec = planned(ingress(service={"source_ranges": ["203.0.113.0/24"]})).spec("Service", NAME)
    assert spec["loadBalancerSourceRanges"] == ["203.0.113.0/24"]
    assert spec["externalTrafficPolicy"] == "Local"
    assert "externalTrafficPolicy" not in planned(INGRESS).spec("Service", NAME)


def test_a_domain_asks_for_its_dns_records(planned):
    leaf = object()
    meta = planned(ingress(service={"annotations": {"cloud.example/kind": leaf}})).one("Service", NAME)["metadata"]
    assert meta["annotations"] == {
        "cloud.example/kind": leaf,
        "external-dns.alpha.kubernetes.io/hostname": "*.acme.example.com,acme.example.com",
        "networking.istio.io/exportTo": "acme",
    }


def test_hosts_are_answered_for_the_tenants_own_namespaces_only(planned):
    plan = planned({**ingress(hosts=["a.example.com"]), "namespaces": [{"name": "db"}]})
    spec = plan.spec("Gateway", NAME)
    assert spec["selector"] == {"istio": "acme-ingress"}
    assert {tuple(server["hosts"]) for server in spec["servers"]} == {("acme/a.example.com", "acme--db/a.example.com")}


@pytest.mark.parametrize(
    ("tls", "protocol", "expected"),
    [
        ("simple", "HTTPS", {"mode": "SIMPLE", "credentialName": "acme-ingress-tls", "minProtocolVersion": "TLSV1_2"}),
        ("mutual", "HTTPS", {"mode": "MUTUAL", "credentialName": "acme-ingress-tls", "minProtocolVersion": "TLSV1_2"}),
        ("passthrough", "TLS", {"mode": "PASSTHROUGH"}),
    ],
)
def test_tls_is_ended_or_passed_through_as_asked(planned, tls, protocol, expected):
    server = https(planned(ingress(client_tls=tls)))
    assert (server["port"]["protocol"], server["tls"]) == (protocol, expected)


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ({}, None),
        ({"certificates": {"clients": ["ci", "ann"]}}, ["ann.clients.acme.example.com", "ci.clients.acme.example.com"]),
        ({"certificates": {"clients": ["ci"]}, "client_names": ["spiffe://x/y"]}, ["spiffe://x/y"]),
    ],
)
def test_a_client_that_is_taken_off_the_list_is_refused_though_its_certificate_is_valid(planned, args, names):
    assert https(planned(ingress(client_tls="mutual", **args)))["tls"].get("subjectAltNames") == names


def test_plain_http_only_redirects_where_there_is_tls(planned):
    assert planned(INGRESS).spec("Gateway", NAME)["servers"][0]["tls"] == {"httpsRedirect": True}
    (server,) = planned(ingress(client_tls="none")).spec("Gateway", NAME)["servers"]
    assert "tls" not in server


def test_a_secret_is_named_without_a_namespace(planned):
    """A name with a namespace would reach another tenant's keys (CVE-2021-34824)."""
    plan = planned(ingress(certificates={"secret_name": "mine"}))
    assert https(plan)["tls"]["credentialName"] == "mine"


def test_gateways_move_to_a_namespace_of_their_own(planned):
    plan = planned({**INGRESS, "settings": {"gateway_namespace": "gateway"}})
    for kind in ("Deployment", "Service", "Gateway", "ServiceAccount"):
        assert plan.one(kind, NAME, "acme--gateway")
    assert plan.spec("AuthorizationPolicy", "allow-ingress", "acme--gateway")
    assert plan.spec("NetworkPolicy", "allow-clients", "acme--gateway")


def test_only_where_tls_is_ended_the_gateway_reads_secrets(planned):
    assert planned(INGRESS).one("Role", NAME)["rules"][0]["resources"] == ["secrets"]
    assert planned(ingress(client_tls="passthrough")).names("Role") == []
