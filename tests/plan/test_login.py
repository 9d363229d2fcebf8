"""What is planned of a login: one filter at the own gateway, and files that only new pods have."""

import json

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.plan.login import LoginMaterial
from tenantmesh.plan.tenant import plan_tenant
from tests.args.test_login_args import JWT, LOGIN, PROVIDER
from tests.plan.conftest import Planned

FILES = {"mountPath": "/etc/tenantmesh/login", "name": "acme-ingress-login", "readOnly": True}


@pytest.fixture
def logging_in():
    """Plans tenant acme with a login."""

    def plan(login=None, **args):
        usual = {"domain": "acme.example.com", "ingress": {}, "egress": {"services": [PROVIDER]}}
        spec = parse_tenant("acme", {**usual, "jwt": [{**JWT, "login": {**LOGIN, **(login or {})}}], **args})
        return Planned(plan_tenant(spec, login=LoginMaterial(client="made of word", key="made of key")))

    return plan


def cluster(plan):
    first, *_ = plan.spec("EnvoyFilter", "login")["configPatches"]
    return first["patch"]["value"]


def config(plan):
    *_, last = plan.spec("EnvoyFilter", "login")["configPatches"]
    return last["patch"]["value"]["typed_config"]["config"]


def pod(plan, name):
    return plan.spec("Deployment", name)["template"]


def test_without_a_login_nothing_is_planned(planned):
    plan = planned({"domain": "acme.example.com", "ingress": {}, "egress": {"services": [PROVIDER]}, "jwt": [JWT]})
    assert plan.names("EnvoyFilter") == plan.names("Secret") == []
    assert "volumes" not in pod(plan, "acme-ingress")["spec"]
    assert "tenantmesh.dev/login" not in pod(plan, "acme-ingress")["metadata"]["labels"]


def test_each_of_several_gateways_has_the_filter_for_its_own_hosts_and_the_same_files(logging_in):
    small = {"replicas": {"minimum": 1}}
    plan = logging_in(ingress=small, ingresses={"staff": {"hosts": ["staff.example.org"], **small}})
    names = {"login": "acme-ingress", "login--staff": "acme-ingress--staff"}
    hosts = {}
    for name, gateway in names.items():
        spec = plan.spec("EnvoyFilter", name)
        labels = {"istio": gateway, "tenantmesh.dev/login": "true"}
        template = pod(plan, gateway)
        assert spec["workloadSelector"]["labels"] == labels
        assert labels.items() <= template["metadata"]["labels"].items()
        assert template["spec"]["containers"][0]["volumeMounts"] == [FILES]
        made = spec["configPatches"][-1]["patch"]["value"]["typed_config"]["config"]
        hosts[name] = made["allowed_redirect_domains"]
    assert hosts == {"login": ["*.acme.example.com", "acme.example.com"], "login--staff": ["staff.example.org"]}
    assert plan.names("Secret") == ["acme/acme-ingress-login"]


def test_codes_go_out_by_the_gateway_of_the_providers_host(logging_in):
    services = [{**PROVIDER, "gateway": "corporate"}]
    plan = logging_in(egress={"services": services, "gateways": {"corporate": {}}})
    (endpoint,) = cluster(plan)["load_assignment"]["endpoints"][0]["lb_endpoints"]
    address = endpoint["endpoint"]["address"]["socket_address"]["address"]
    assert address == "acme-egress--corporate.acme.svc.cluster.local"
    assert "cluster.local/ns/acme/sa/acme-egress--corporate" in json.dumps(cluster(plan))


def test_the_filter_is_at_the_port_that_ends_tls_of_the_own_gateways_pods_with_files(logging_in):
    plan = logging_in()
    spec = plan.spec("EnvoyFilter", "login")
    labels = pod(plan, "acme-ingress")["metadata"]["labels"]
    assert spec["workloadSelector"]["labels"] == {"istio": "acme-ingress", "tenantmesh.dev/login": "true"}
    assert spec["workloadSelector"]["labels"].items() <= labels.items()
    assert not spec["workloadSelector"]["labels"].items() <= pod(plan, "acme-egress")["metadata"]["labels"].items()
    _, *filters = spec["configPatches"]
    assert {one["match"]["listener"]["portNumber"] for one in filters} == {8443}
    assert [one["patch"]["operation"] for one in filters] == ["INSERT_FIRST", "INSERT_FIRST"]


def test_the_gateways_selector_is_as_before(logging_in):
    """It can't be changed."""
    assert logging_in().spec("Deployment", "acme-ingress")["selector"] == {"matchLabels": {"istio": "acme-ingress"}}


def test_the_secrets_are_files_of_the_gateways_pod_alone(logging_in):
    plan = logging_in()
    spec = pod(plan, "acme-ingress")["spec"]
    assert spec["containers"][0]["volumeMounts"] == [FILES]
    assert spec["volumes"] == [{"name": "acme-ingress-login", "secret": {"secretName": "acme-ingress-login"}}]
    assert "volumes" not in pod(plan, "acme-egress")["spec"]
    files = plan.one("Secret", "acme-ingress-login")["stringData"]
    assert files == {"client.json": "made of word", "key.json": "made of key"}
    paths = [
        config(plan)["credentials"][name]["sds_config"]["path_config_source"]
        for name in ("token_secret", "hmac_secret")
    ]
    assert paths == [
        {"path": f"./etc/tenantmesh/login/{name}.json", "watched_directory": {"path": "./etc/tenantmesh/login"}}
        for name in ("client", "key")
    ]


def test_no_secret_is_in_another_object(logging_in):
    plan = logging_in({"client_secret": "marker-Zq7wX2"})
    assert "marker" not in json.dumps([body for body in plan.bodies if body["kind"] != "Secret"])


def test_they_are_where_the_gateway_is(logging_in):
    plan = logging_in(settings={"gateway_namespace": "gateway"})
    assert plan.names("EnvoyFilter") == ["acme--gateway/login"]
    assert plan.names("Secret") == ["acme--gateway/acme-ingress-login"]


def test_codes_go_to_the_own_egress_gateway_for_the_providers_name(logging_in):
    found = cluster(logging_in(settings={"mesh": {"trust_domain": "td.example.com"}}))
    (endpoint,) = found["load_assignment"]["endpoints"][0]["lb_endpoints"]
    address = {"address": "acme-egress.acme.svc.cluster.local", "port_value": 443}
    assert endpoint["endpoint"]["address"]["socket_address"] == address
    tls = found["transport_socket"]["typed_config"]
    assert tls["sni"] == "id.example.org"
    names = tls["common_tls_context"]["combined_validation_context"]["default_validation_context"]
    (name,) = names["match_typed_subject_alt_names"]
    assert name["matcher"] == {"exact": "spiffe://td.example.com/ns/acme/sa/acme-egress"}


def test_people_come_back_to_the_tenants_hosts_only(logging_in):
    found = config(logging_in({"redirect_path": "/in"}, ingress={"hosts": ["a.example.com", "*.b.example.com"]}))
    assert found["redirect_uri"] == "https://%REQ(:authority)%/in"
    assert found["allowed_redirect_domains"] == ["*.b.example.com", "a.example.com"]


def test_who_is_the_client_of_whom(logging_in):
    found = config(logging_in({"scopes": ["openid", "email"]}))
    assert found["credentials"]["client_id"] == "shop"
    assert found["authorization_endpoint"] == "https://id.example.org/auth?audience=shop"
    assert found["token_endpoint"]["uri"] == "https://id.example.org/token"
    assert found["auth_scopes"] == ["email", "openid"]


def test_no_cookie_is_one_that_another_host_could_set(logging_in):
    names = config(logging_in())["credentials"]["cookie_names"].values()
    assert len(set(names)) == 7
    assert all(name.startswith("__Host-") for name in names)


def test_only_tokens_pass_the_filter_and_are_still_asked_for(logging_in):
    plan, before = logging_in(), logging_in(jwt=[JWT])
    assert config(plan)["pass_through_matcher"] == [{"name": "authorization", "string_match": {"prefix": "Bearer "}}]
    for name in ("require-token", "allow-ingress"):
        assert plan.spec("AuthorizationPolicy", name) == before.spec("AuthorizationPolicy", name)
