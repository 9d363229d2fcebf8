"""What a tenant's proxies know of."""


def hosts(plan, namespace="acme"):
    return plan.spec("Sidecar", "default", namespace)["egress"][0]["hosts"]


def test_a_locked_tenant_knows_itself_and_the_control_plane(planned):
    plan = planned({"namespaces": [{"name": "db"}]})
    assert hosts(plan) == hosts(plan, "acme--db") == ["acme--db/*", "acme/*", "istio-system/*"]


def test_what_is_not_known_is_not_routed(planned):
    assert planned().spec("Sidecar", "default")["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}


def test_a_project_is_known(planned):
    assert "globex/*" in hosts(planned({"sharing": {"project": {"name": "shop", "tenants": ["globex"]}}}))
