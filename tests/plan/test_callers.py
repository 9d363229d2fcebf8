"""Who within a tenant may call an App's port: everybody, or those that are named and who was let in from elsewhere."""

import pytest

from tenantmesh.errors import ArgsError

REDIS = {"image": "redis", "ports": [{"port": 6379, "protocol": "tcp", "callers": ["web"]}, {"port": 9121}]}
WEB = "cluster.local/ns/acme/sa/web"


def rules(plan):
    spec = plan.spec("AuthorizationPolicy", "callers--redis")
    assert spec["action"] == "DENY"
    assert spec["selector"] == {"matchLabels": {"app.kubernetes.io/name": "redis"}}
    return spec["rules"]


def test_a_port_without_callers_is_the_whole_tenants(planned_app):
    assert planned_app({"image": "redis", "ports": [{"port": 9121}]}, name="redis").names("AuthorizationPolicy") == []


def test_only_the_port_with_callers_is_shut_and_to_all_others(planned_app):
    """In every namespace of the tenant the named account may call; who shows no identity is one of the others."""
    plan = planned_app(REDIS, {"namespaces": [{"name": "db"}]}, name="redis")
    known = [WEB, "cluster.local/ns/acme--db/sa/web"]
    assert rules(plan) == [{"from": [{"source": {"notPrincipals": known}}], "to": [{"operation": {"ports": ["6379"]}}]}]


def test_the_gateway_may_call_what_a_route_leads_to(planned_app):
    tenant = {"domain": "acme.example.com", "ingress": {}}
    port = {"port": 80, "target": 8080, "callers": ["web"]}
    args = {"image": "redis", "ports": [port, {"port": 81, "target": 8081, "callers": ["web"]}]}
    plan = planned_app({**args, "routes": [{"host": "acme.example.com"}]}, tenant, name="redis")
    first, second = (rule["from"][0]["source"]["notPrincipals"] for rule in rules(plan))
    assert first == [WEB, "cluster.local/ns/acme/sa/acme-ingress"]
    assert second == [WEB]
    assert [rule["to"][0]["operation"]["ports"] for rule in rules(plan)] == [["8080"], ["8081"]]


def test_who_was_granted_the_port_may_call_it(planned_app):
    export = {"service": "redis", "ports": [6379], "to": ["globex"], "reason": "cache"}
    plan = planned_app(REDIS, {"sharing": {"exports": [export]}}, name="redis")
    (rule,) = rules(plan)
    assert rule["from"][0]["source"]["notPrincipals"] == [WEB, "cluster.local/ns/globex/sa/*"]


@pytest.mark.parametrize(("callers", "problem"), [([], "callers"), (["Web"], "did you mean 'web'")])
def test_callers_are_names_and_at_least_one(planned_app, callers, problem):
    with pytest.raises(ArgsError, match=problem):
        planned_app({"image": "redis", "ports": [{"port": 6379, "callers": callers}]}, name="redis")
