"""What takes plain text for a while: one port of one service, from whom no policy can tell apart."""

import json

ORDERS = {"service": "orders", "ports": [8080, 9000], "until": "2027-03-31", "reason": "old jobs"}
PODS = {"matchLabels": {"app.kubernetes.io/name": "orders"}}
NAME = "permissive--orders"


def settings(**more):
    return {"settings": {"permissive": [{**ORDERS, **more}]}}


def test_a_tenant_without_it_is_strict_and_has_nothing_of_it(planned):
    plan = planned()
    assert plan.names("PeerAuthentication") == ["acme/default"]
    assert plan.names("AuthorizationPolicy") == ["acme/allow-tenant", "acme/fence"]


def test_only_the_ports_of_the_service_are_permissive(planned):
    plan = planned(settings())
    assert plan.spec("PeerAuthentication", "default") == {"mtls": {"mode": "STRICT"}}
    assert plan.spec("PeerAuthentication", NAME) == {
        "selector": PODS,
        "mtls": {"mode": "STRICT"},
        "portLevelMtls": {"8080": {"mode": "PERMISSIVE"}, "9000": {"mode": "PERMISSIVE"}},
    }


def test_only_those_without_an_identity_are_let_in_by_it(planned):
    spec = planned(settings()).spec("AuthorizationPolicy", NAME)
    assert spec == {
        "action": "ALLOW",
        "selector": PODS,
        "rules": [{"from": [{"source": {"notPrincipals": ["*"]}}], "to": [{"operation": {"ports": ["8080", "9000"]}}]}],
    }


def test_nothing_else_of_the_tenant_changes_but_its_declaration(planned):
    before, after = planned(), planned(settings())
    changed = [body for body in after.bodies if body not in before.bodies]
    assert sorted((one["kind"], one["metadata"]["name"]) for one in changed) == [
        ("AuthorizationPolicy", NAME),
        ("Namespace", "acme"),
        ("PeerAuthentication", NAME),
    ]
    assert len(after.bodies) == len(before.bodies) + 2


def test_the_namespace_of_the_service_declares_it_with_its_last_day(planned):
    plan = planned({"namespaces": [{"name": "db"}], **settings(namespace="db", selector={"app": "orders"})})
    (said,) = json.loads(plan.one("Namespace", "acme--db", "")["metadata"]["annotations"]["tenantmesh.dev/permissive"])
    assert said == {"selector": {"app": "orders"}, "ports": [8080, 9000], "until": "2027-03-31", "reason": "old jobs"}
    assert "annotations" not in plan.one("Namespace", "acme", "")["metadata"]
    assert plan.spec("PeerAuthentication", NAME, "acme--db")["selector"] == {"matchLabels": {"app": "orders"}}
    assert plan.one("AuthorizationPolicy", NAME, "acme--db")["metadata"]["annotations"] == {
        "tenantmesh.dev/reason": "old jobs"
    }
