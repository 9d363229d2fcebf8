"""What the examples' docstrings claim, looked up in the objects that they make."""

import json

import pytest

from tests.examples.programs import NAMES, kept, objects, objects_of

MILLICORES = {"": 1000, "m": 1}


def millicores(quantity):
    digits = quantity.rstrip("m")
    return int(digits) * MILLICORES[quantity[len(digits) :]]


def test_locked_has_no_way_in_or_out_and_nobody_has_a_role():
    found = objects("locked")
    assert found.evaluation.outputs == {"namespaces": ["vault"], "endpoint": ""}
    for kind in ("Role", "RoleBinding", "Deployment", "Service", "Gateway", "ServiceEntry", "Secret"):
        assert found.names(kind) == [], kind
    default = found.spec("NetworkPolicy", "default-deny")
    assert default == {"podSelector": {}, "policyTypes": ["Egress", "Ingress"]}
    assert found.names("NetworkPolicy") == [
        "allow-control-plane",
        "allow-dns",
        "allow-observability",
        "allow-tenant",
        "default-deny",
    ]
    assert found.bodies("PeerAuthentication")[0]["spec"] == {"mtls": {"mode": "STRICT"}}


def test_first_has_the_size_the_ways_and_the_group_that_it_names():
    found = objects("first")
    assert found.evaluation.outputs == {"acme": "https://acme.example.com"}
    hard = found.spec("ResourceQuota", "tenant")["hard"]
    assert (hard["requests.cpu"], hard["requests.memory"], hard["pods"]) == ("16", "64Gi", "200")
    tls = {server["port"]["number"]: server.get("tls") for server in found.spec("Gateway", "acme-ingress")["servers"]}
    assert tls[443]["mode"] == "MUTUAL"
    scaler = found.spec("HorizontalPodAutoscaler", "acme-ingress")
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    assert [entry["spec"]["hosts"] for entry in found.bodies("ServiceEntry")] == [["api.stripe.com"]]
    subjects = [subject for body in found.bodies("RoleBinding") for subject in body["subjects"]]
    assert [one["name"] for one in subjects if one["kind"] != "ServiceAccount"] == ["acme-dev"]
    assert "example.com/ns/acme/sa/*" in json.dumps(found.spec("AuthorizationPolicy", "allow-tenant"))


def test_grant_makes_both_halves_in_every_layer():
    found = objects("grant")
    assert found.evaluation.outputs == {"quotes": "quotes.prices.svc.cluster.local"}
    ports = [{"port": 8080, "protocol": "TCP"}]
    pods = {"app.kubernetes.io/name": "quotes"}
    (owner,) = [
        body for body in found.bodies("NetworkPolicy", "prices") if body["metadata"]["name"].startswith("grant")
    ]
    (entry,) = owner["spec"]["ingress"]
    assert entry["ports"] == ports
    assert "orders" in json.dumps(entry["from"])
    assert owner["spec"]["podSelector"]["matchLabels"] == pods
    (caller,) = [
        body for body in found.bodies("NetworkPolicy", "orders") if body["metadata"]["name"].startswith("import")
    ]
    (exit_,) = caller["spec"]["egress"]
    assert exit_["ports"] == ports
    assert exit_["to"][0]["podSelector"]["matchLabels"] == pods
    assert "prices" in json.dumps(exit_["to"])
    assert "prices/quotes.prices.svc.cluster.local" in found.spec("Sidecar", "default", "orders")["egress"][0]["hosts"]
    exported = found.one("Service", "quotes")["metadata"]["annotations"]["networking.istio.io/exportTo"]
    assert exported.split(",") == ["orders", "prices"]


def test_grant_lets_through_one_method_and_path_and_denies_the_rest():
    found = objects("grant")
    (allow,) = [
        body["spec"]
        for body in found.bodies("AuthorizationPolicy", "prices")
        if body["metadata"]["name"].startswith("grant")
    ]
    (rule,) = allow["rules"]
    assert rule["from"] == [{"source": {"principals": ["cluster.local/ns/orders/sa/*"]}}]
    assert rule["to"] == [{"operation": {"methods": ["GET"], "paths": ["/v1/quotes/*"], "ports": ["8080"]}}]
    denied = [
        target["operation"]
        for one in found.spec("AuthorizationPolicy", "fence", "prices")["rules"][1:]
        for target in one["to"]
    ]
    assert denied == [
        {"notPorts": ["8080"]},
        {"notMethods": ["GET"], "ports": ["8080"]},
        {"notPaths": ["/v1/quotes/*"], "ports": ["8080"]},
    ]
    back = json.dumps([body["spec"] for body in found.bodies("AuthorizationPolicy", "orders")])
    assert "prices" not in back, "the grant has one direction"


def test_project_members_know_one_another_and_nobody_knows_the_stranger():
    found = objects("project")
    members = {"catalog", "checkout", "search"}
    for member in members:
        (rule,) = found.spec("NetworkPolicy", "allow-project", member)["ingress"]
        assert set(rule["from"][0]["namespaceSelector"]["matchExpressions"][0]["values"]) == members - {member}
    for item in found.evaluation.manifest:
        if item.key.namespace in members:
            assert "stranger" not in json.dumps(item.body), item.key
    assert "allow-project" not in found.names("NetworkPolicy", "stranger")


@pytest.mark.parametrize("output", ["tenant1", "acme"])
def test_other_stack_hands_on_an_output_of_the_main_stack(output):
    """Whether that is an endpoint or has one among others."""
    found, url = objects_of("other-stack", {"output": output}, None), f"https://{output}.example.com"
    assert found.evaluation.outputs == {"books": url}
    assert found.one("ConfigMap", "reader--config")["data"] == {"BOOKS_URL": url}


def test_brought_certificates_need_no_key_of_the_program():
    found = objects("brought-certificate")
    assert [state.type for state in found.evaluation.resources if state.type.startswith("tls:")] == []
    assert found.names("Secret") == []
    (used,) = [
        server["tls"]
        for server in found.spec("Gateway", "bank-ingress")["servers"]
        if server.get("tls", {}).get("credentialName")
    ]
    assert used["credentialName"] == "bank-example-com"
    (certificate,) = found.bodies("Certificate")
    assert certificate["spec"]["issuerRef"] == {
        "group": "cert-manager.io",
        "kind": "ClusterIssuer",
        "name": "letsencrypt",
    }
    assert certificate["spec"]["dnsNames"] == ["press.example.com"]


def test_namespaces_share_one_quota():
    found = objects("namespaces")
    parts = ["labs", "labs--db", "labs--gateway", "labs--jobs"]
    assert found.evaluation.outputs == {"namespaces": parts}
    hard = {part: found.spec("ResourceQuota", "tenant", part)["hard"] for part in parts}
    assert sum(millicores(one["requests.cpu"]) for one in hard.values()) == 16000
    assert sum(int(one["pods"]) for one in hard.values()) == 80
    assert (hard["labs--db"]["requests.cpu"], hard["labs--jobs"]["pods"]) == ("4", "20")


def test_namespaces_has_keys_where_no_role_runs_pods():
    found = objects("namespaces")
    for kind in ("Deployment", "Secret"):
        assert {body["metadata"]["namespace"] for body in found.bodies(kind)} == {"labs--gateway"}
    granted = {
        resource: sorted(rule["verbs"])
        for rule in found.one("Role", "tenant-admin", "labs--gateway")["rules"]
        for resource in rule["resources"]
    }
    assert granted == {name: ["get", "patch", "update"] for name in ("horizontalpodautoscalers", "gateways")}
    runs = [rule["resources"] for rule in found.one("Role", "tenant-admin", "labs--jobs")["rules"]]
    assert any("pods" in resources for resources in runs)


def test_workload_is_one_service_of_two_versions_with_what_they_need():
    found = objects("workload")
    assert found.spec("Service", "shop")["selector"] == {"app.kubernetes.io/name": "shop"}
    versions = {name: found.spec("Deployment", name) for name in ("shop--v1", "shop--v2")}
    assert "replicas" not in versions["shop--v1"], "the autoscaler's"
    assert versions["shop--v2"]["replicas"] == 1
    assert found.names("HorizontalPodAutoscaler") == ["shop--v1"]
    for spec in versions.values():
        (container,) = spec["template"]["spec"]["containers"]
        assert container["readinessProbe"]["httpGet"]["path"] == "/"
        assert container["livenessProbe"]["periodSeconds"] == 30
    assert found.one("ConfigMap", "shop--config")["data"] == {"CURRENCY": "EUR"}
    (route,) = found.bodies("VirtualService")
    uris = [match["uri"] for one in route["spec"]["http"] for match in one["match"]]
    assert uris == [{"exact": "/"}, {"exact": "/cart"}, {"prefix": "/cart/"}]


def test_the_password_of_workload_is_secret_wherever_it_is_shown():
    found = objects("workload")
    password = kept(found.one("Secret", "shop--secrets"))["DATABASE_PASSWORD"]
    assert len(password) == 24
    assert password not in repr(found.evaluation.resources)
    assert password not in repr(found.evaluation.events)


def test_patches_change_the_planned_gateway():
    spec = objects("patches").spec("Deployment", "tuned-ingress")
    assert spec["template"]["spec"]["nodeSelector"] == {"pool": "edge"}
    assert spec["revisionHistoryLimit"] == 3


def test_the_examples_have_names_of_their_own():
    """All of them can be deployed to one cluster."""
    namespaces = [name for example in NAMES for name in objects(example).names("Namespace")]
    assert len(namespaces) == len(set(namespaces))


def test_tokens_open_paths_by_their_claims_and_nothing_is_open_without():
    found = objects("tokens")
    (rule,) = found.spec("RequestAuthentication", "tokens")["jwtRules"]
    assert (rule["issuer"], rule["audiences"]) == ("https://id.shop.example.com", ["shop"])
    assert rule["outputClaimToHeaders"] == [{"claim": "sub", "header": "x-user"}]
    deny = found.spec("AuthorizationPolicy", "require-token")
    assert (deny["action"], deny["rules"][0]["when"][0]["notValues"]) == ("DENY", [rule["issuer"]])
    _, pages, administration = found.spec("AuthorizationPolicy", "allow-ingress")["rules"]
    assert pages["to"][0]["operation"]["paths"] == ["/", "/pages/*"]
    role = {"key": "request.auth.claims[realm_access][roles]", "values": ["admin"]}
    assert administration["to"][0]["operation"]["paths"] == ["/admin/*"]
    assert role in administration["when"]
