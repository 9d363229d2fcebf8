"""What is planned of limits: filters at the own gateway alone, and where all pods share a count, what keeps it."""

import json
import re

import pytest

CLOSED = {"hosts": ["staff.example.com"]}
SHARED = {"path": "/search", "requests": 10, "per": "minute", "scope": "global"}


def limited(planned, *limits, **args):
    return planned({"domain": "acme.example.com", "ingress": {}, "rate_limits": list(limits), **args})


def patches(plan, namespace="acme"):
    return plan.spec("EnvoyFilter", "rate-limits", namespace)["configPatches"]


def filters(plan):
    return [one["patch"]["value"]["typed_config"] for one in patches(plan) if one["applyTo"] == "HTTP_FILTER"]


def regexes(config):
    return [
        header["string_match"]["safe_regex"]["regex"]
        for limit in config["rate_limits"]
        for action in limit["actions"]
        for header in action.get("header_value_match", {}).get("headers", ())
        if "string_match" in header
    ]


def test_without_limits_nothing_is_planned(planned):
    plan = planned({"domain": "acme.example.com", "ingress": {}})
    assert plan.names("EnvoyFilter") == plan.names("ConfigMap") == []
    assert plan.names("Deployment") == ["acme/acme-ingress"]


def test_the_filter_selects_the_tenants_own_ingress_gateway_alone(planned):
    plan = limited(planned, {"requests": 1}, egress={"services": [{"host": "api.example.org"}]})
    (selector,) = plan.spec("EnvoyFilter", "rate-limits")["workloadSelector"].values()
    pods = {
        name: plan.spec("Deployment", f"acme-{name}")["template"]["metadata"]["labels"]
        for name in ("ingress", "egress")
    }
    assert selector.items() <= pods["ingress"].items()
    assert not selector.items() <= pods["egress"].items()


@pytest.mark.parametrize(("tls", "port"), [("none", 8080), ("simple", 8443), ("mutual", 8443)])
def test_what_is_only_sent_to_https_does_not_count(planned, tls, port):
    plan = limited(planned, {"requests": 1}, ingress={"client_tls": tls})
    assert [one["match"]["listener"]["portNumber"] for one in patches(plan)] == [port]


def several(planned, *limits):
    small = {"replicas": {"minimum": 1}}
    return limited(planned, *limits, ingress=small, ingresses={"staff": {"client_tls": "none", **CLOSED, **small}})


def test_each_of_several_gateways_counts_at_the_port_that_apps_are_behind(planned):
    plan = several(planned, {"requests": 1}, SHARED)
    found = {name: plan.spec("EnvoyFilter", name) for name in ("rate-limits", "rate-limits--staff")}
    assert {name: spec["workloadSelector"]["labels"] for name, spec in found.items()} == {
        "rate-limits": {"istio": "acme-ingress"},
        "rate-limits--staff": {"istio": "acme-ingress--staff"},
    }
    made = {
        name: [one["patch"]["value"] for one in spec["configPatches"] if one["applyTo"] == "HTTP_FILTER"]
        for name, spec in found.items()
    }
    assert made["rate-limits"] == made["rate-limits--staff"]
    ports = {
        name: {one["match"]["listener"]["portNumber"] for one in spec["configPatches"] if one["applyTo"] != "CLUSTER"}
        for name, spec in found.items()
    }
    assert ports == {"rate-limits": {8443}, "rate-limits--staff": {8080}}


def test_several_gateways_share_the_one_count_that_all_of_them_may_ask(planned):
    plan = several(planned, SHARED)
    assert plan.names("Deployment").count("acme/acme-ratelimit") == 1
    (rule,) = plan.spec("AuthorizationPolicy", "acme-ratelimit")["rules"]
    account = "cluster.local/ns/acme/sa/acme-ingress"
    assert rule["from"] == [{"source": {"notPrincipals": [account, f"{account}--staff"]}}]


def test_filters_are_behind_all_that_refuses(planned):
    for one in patches(limited(planned, {"requests": 1}, SHARED)):
        if one["applyTo"] == "HTTP_FILTER":
            chain = one["match"]["listener"]["filterChain"]
            assert one["patch"]["operation"] == "INSERT_BEFORE"
            assert chain["filter"]["subFilter"]["name"] == "envoy.filters.http.router"


def test_each_pod_has_a_bucket_for_each_limit(planned):
    (found,) = filters(limited(planned, {"path": "/api", "requests": 5, "per": "hour"}, {"requests": 100}))
    assert [one["token_bucket"] for one in found["descriptors"]] == [
        {"fill_interval": "3600s", "max_tokens": 5, "tokens_per_fill": 5},
        {"fill_interval": "1s", "max_tokens": 100, "tokens_per_fill": 100},
    ]
    told = [one["actions"][0]["header_value_match"] for one in found["rate_limits"]]
    assert [{"key": one["descriptor_key"], "value": one["descriptor_value"]} for one in told] == [
        entry for one in found["descriptors"] for entry in one["entries"]
    ]


@pytest.mark.parametrize(
    ("path", "inside", "outside"),
    [
        ("/", ["/", "/a", "/?a=b"], []),
        ("/api", ["/api", "/api/", "/api/v1?a", "/api?a=/b"], ["/apis", "/v1/api", "/", "/API"]),
        ("/a.b", ["/a.b"], ["/axb"]),
    ],
)
def test_a_path_is_itself_and_all_under_it(planned, path, inside, outside):
    (config,) = filters(limited(planned, {"path": path, "requests": 1}))
    (expression,) = regexes(config)
    assert [one for one in inside if not re.fullmatch(expression, one)] == []
    assert [one for one in outside if re.fullmatch(expression, one)] == []


def test_limits_that_fail_in_two_ways_have_a_filter_each(planned):
    plan = limited(planned, SHARED, {"requests": 9, "scope": "global", "on_failure": "deny"})
    assert [(one["failure_mode_deny"], len(one["rate_limits"])) for one in filters(plan)] == [(False, 1), (True, 1)]


def test_the_service_counts_what_the_gateway_tells_it(planned):
    plan = limited(planned, SHARED, {**SHARED, "header": "x-user"})
    (config,) = filters(plan)
    settings = json.loads(plan.one("ConfigMap", "acme-ratelimit")["data"]["limits.yaml"])
    assert settings["domain"] == config["domain"] == "acme"
    rate = {"requests_per_unit": 10, "unit": "minute"}
    assert settings["descriptors"] == [
        {"key": "limit", "value": "/search per minute", "rate_limit": rate},
        {
            "key": "limit",
            "value": "/search per minute by x-user",
            "rate_limit": rate,
            "descriptors": [{"key": "x-user", "rate_limit": rate}],
        },
    ]
    told = [one["actions"][0]["header_value_match"]["descriptor_value"] for one in config["rate_limits"]]
    assert told == ["/search per minute", "/search per minute by x-user", "/search per minute by x-user"]


def test_requests_without_the_header_are_counted_too(planned):
    (config,) = filters(limited(planned, {**SHARED, "header": "x-user"}))
    by_value, without = config["rate_limits"]
    assert by_value["actions"][1] == {"request_headers": {"descriptor_key": "x-user", "header_name": "x-user"}}
    assert {"invert_match": True, "name": "x-user", "present_match": True} in without["actions"][0][
        "header_value_match"
    ]["headers"]


def test_the_service_is_the_tenants_own_in_the_gateways_namespace(planned):
    plan = limited(planned, SHARED, settings={"gateway_namespace": "gateway"})
    where = "acme--gateway"
    added, _ = patches(plan, where)
    (endpoint,) = added["patch"]["value"]["load_assignment"]["endpoints"][0]["lb_endpoints"]
    address = endpoint["endpoint"]["address"]["socket_address"]
    assert address == {"address": f"acme-ratelimit.{where}.svc.cluster.local", "port_value": 8081}
    assert plan.spec("Service", "acme-ratelimit", where)["ports"][0]["port"] == 8081
    for kind in ("ConfigMap", "Deployment", "Service", "ServiceAccount", "AuthorizationPolicy"):
        assert f"{where}/acme-ratelimit" in plan.names(kind)


def test_only_the_gateway_may_ask_the_service(planned):
    spec = limited(planned, SHARED).spec("AuthorizationPolicy", "acme-ratelimit")
    assert spec["action"] == "DENY"
    assert spec["rules"] == [{"from": [{"source": {"notPrincipals": ["cluster.local/ns/acme/sa/acme-ingress"]}}]}]


def test_there_is_one_count_and_it_follows_its_settings(planned):
    """Two pods would count apart, and a pod reads its settings at its start."""
    one = limited(planned, SHARED).spec("Deployment", "acme-ratelimit")
    other = limited(planned, {**SHARED, "requests": 11}).spec("Deployment", "acme-ratelimit")
    assert (one["replicas"], one["strategy"]) == (1, {"type": "Recreate"})
    assert one["template"]["metadata"]["annotations"] != other["template"]["metadata"]["annotations"]


def test_redis_is_reached_from_its_own_pod_only(planned):
    redis, service = limited(planned, SHARED).spec("Deployment", "acme-ratelimit")["template"]["spec"]["containers"]
    assert redis["args"][redis["args"].index("--bind") + 1] == "127.0.0.1"
    assert "ports" not in redis
    assert {"name": "REDIS_URL", "value": "127.0.0.1:6379"} in service["env"]


def test_no_role_of_the_tenant_may_make_filters_itself(planned):
    plan = limited(planned, SHARED, access=[{"role": "admin", "groups": ["people"]}])
    for name in plan.names("Role"):
        namespace, _, own = name.partition("/")
        rules = plan.one("Role", own, namespace)["rules"]
        assert not [rule for rule in rules if {"envoyfilters", "*"} & set(rule["resources"])]
