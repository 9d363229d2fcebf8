"""Grants: two halves in every layer, which meet when both tenants say the same."""

from tenantmesh.args.parse import parse_grant, parse_tenant
from tenantmesh.plan.grants import export_to

EXPORT = {"service": "reviews", "ports": [9080], "to": ["globex/web"], "methods": ["GET"], "reason": "stars"}
IMPORT = {"tenant": "globex/web", "service": "orders", "ports": [8080], "reason": "billing"}


def test_the_owner_lets_the_caller_in_by_network(planned):
    body = planned({"sharing": {"exports": [EXPORT]}}).one("NetworkPolicy", "grant--reviews--globex--web")
    assert body["metadata"]["annotations"] == {"tenantmesh.dev/reason": "stars"}
    assert body["spec"]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "reviews"}}
    assert body["spec"]["policyTypes"] == ["Ingress"]
    (rule,) = body["spec"]["ingress"]
    assert rule["ports"] == [{"port": 9080, "protocol": "TCP"}]
    assert rule["from"][0]["namespaceSelector"]["matchExpressions"][0]["values"] == ["globex--web"]


def test_the_owner_lets_the_caller_in_by_identity(planned):
    body = planned({"sharing": {"exports": [EXPORT]}}).one("AuthorizationPolicy", "grant--reviews--globex--web")
    assert body["spec"] == {
        "action": "ALLOW",
        "rules": [
            {
                "from": [{"source": {"principals": ["cluster.local/ns/globex--web/sa/*"]}}],
                "to": [{"operation": {"ports": ["9080"], "methods": ["GET"]}}],
            }
        ],
        "selector": {"matchLabels": {"app.kubernetes.io/name": "reviews"}},
    }


def test_the_caller_lets_itself_out_from_each_of_its_namespaces(planned):
    plan = planned({"namespaces": [{"name": "db"}], "sharing": {"imports": [IMPORT]}})
    for namespace in ("acme", "acme--db"):
        spec = plan.spec("NetworkPolicy", "import--orders--globex--web", namespace)
        assert spec["policyTypes"] == ["Egress"]
        assert spec["egress"][0]["to"][0]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "orders"}}
        assert (
            "globex--web/orders.globex--web.svc.cluster.local"
            in plan.spec("Sidecar", "default", namespace)["egress"][0]["hosts"]
        )


def test_pods_may_be_selected_by_labels_of_their_own(planned):
    plan = planned({"sharing": {"exports": [{**EXPORT, "selector": {"app": "reviews"}}]}})
    for kind, key in (("NetworkPolicy", "podSelector"), ("AuthorizationPolicy", "selector")):
        assert plan.spec(kind, "grant--reviews--globex--web")[key] == {"matchLabels": {"app": "reviews"}}


def test_an_exported_service_is_seen_by_its_callers_and_no_other():
    tenant = parse_tenant("acme", {"namespaces": [{"name": "db"}], "sharing": {"exports": [EXPORT]}})
    assert export_to(tenant, "reviews", "") == ["acme", "acme--db", "globex--web"]
    assert export_to(tenant, "reviews", "db") == export_to(tenant, "ratings", "") == ["acme", "acme--db"]


def test_the_halves_of_a_grant_meet():
    """What the caller is let out to is what the owner lets in: the same pods, the same ports."""
    args = {"source": "globex", "destination": "acme", "service": "reviews", "ports": [9080, 9090], "reason": "stars"}
    grant = parse_grant("reviews", args)
    (export,) = parse_tenant("acme", grants=[grant]).exports
    (one,) = parse_tenant("globex", grants=[grant]).imports
    assert (export.service, export.ports, export.selector) == (one.service, one.ports, one.selector)
    assert (export.to[0].namespace, one.owner.namespace) == ("globex", "acme")
