"""The fence of identities: what is denied whatever else is allowed, and what the gateways let through."""

import pytest

GRANT = {"service": "reviews", "ports": [9080], "to": ["globex"], "reason": "stars"}


def fence(plan, namespace="acme"):
    spec = plan.spec("AuthorizationPolicy", "fence", namespace)
    assert spec["action"] == "DENY"
    assert "selector" not in spec
    return spec["rules"]


def sharing(*exports, **more):
    return {"sharing": {"exports": list(exports), **more}}


def test_every_foreign_identity_is_denied_in_every_namespace(planned):
    plan = planned({"namespaces": [{"name": "db"}]})
    own = ["cluster.local/ns/acme/sa/*", "cluster.local/ns/acme--db/sa/*"]
    for namespace in ("acme", "acme--db"):
        assert fence(plan, namespace) == [{"from": [{"source": {"principals": ["*"], "notPrincipals": own}}]}]


def test_a_certificate_of_the_tenants_own_ca_is_no_identity_of_the_mesh(planned):
    """A client's certificate is a principal too: at a mutual gateway only identities with a namespace are foreign."""
    args = {"domain": "acme.example.com", "ingress": {"client_tls": "mutual"}, "namespaces": [{"name": "db"}]}
    assert fence(planned(args))[0]["from"][0]["source"]["namespaces"] == ["*"]
    assert fence(planned(args), "acme--db")[0]["from"][0]["source"]["principals"] == ["*"]


def test_plain_text_and_strangers_are_refused_by_what_is_allowed(planned):
    spec = planned().spec("AuthorizationPolicy", "allow-tenant")
    assert spec == {
        "action": "ALLOW",
        "rules": [{"from": [{"source": {"principals": ["cluster.local/ns/acme/sa/*"]}}]}],
    }
    assert planned().spec("PeerAuthentication", "default") == {"mtls": {"mode": "STRICT"}}


def test_a_caller_is_kept_to_its_ports_even_if_a_tenants_own_policy_allows_more(planned):
    rules = fence(planned(sharing(GRANT)))
    assert "cluster.local/ns/globex/sa/*" in rules[0]["from"][0]["source"]["notPrincipals"]
    assert rules[1:] == [
        {
            "from": [{"source": {"principals": ["cluster.local/ns/globex/sa/*"]}}],
            "to": [{"operation": {"notPorts": ["9080"]}}],
        }
    ]


def test_a_caller_is_kept_to_its_methods_and_paths(planned):
    rules = fence(planned(sharing({**GRANT, "methods": ["GET"], "paths": ["/reviews/*"]})))
    assert rules[1]["to"] == [
        {"operation": {"notPorts": ["9080"]}},
        {"operation": {"notMethods": ["GET"], "ports": ["9080"]}},
        {"operation": {"notPaths": ["/reviews/*"], "ports": ["9080"]}},
    ]


def test_what_one_export_leaves_open_on_a_port_another_does_not_close(planned):
    rules = fence(planned(sharing({**GRANT, "methods": ["GET"]}, {**GRANT, "service": "ratings"})))
    assert rules[1]["to"] == [{"operation": {"notPorts": ["9080"]}}]


def test_an_export_of_one_namespace_opens_nothing_in_another(planned):
    plan = planned({"namespaces": [{"name": "db"}], **sharing({**GRANT, "namespace": "db"})})
    assert len(fence(plan, "acme--db")) == 2
    assert len(fence(plan, "acme")) == 1
    assert "cluster.local/ns/globex/sa/*" not in fence(plan, "acme")[0]["from"][0]["source"]["notPrincipals"]
    assert [name for name in plan.names("NetworkPolicy") if "grant" in name] == ["acme--db/grant--reviews--globex"]


def test_a_named_service_account_has_its_own_grants_and_those_of_its_namespace(planned):
    everybody, one = GRANT, {**GRANT, "service": "pg", "ports": [5432], "service_accounts": ["web"]}
    rules = fence(planned(sharing(everybody, one)))
    sources = {rule["from"][0]["source"]["principals"][0]: rule for rule in rules[1:]}
    general, named = sources["cluster.local/ns/globex/sa/*"], sources["cluster.local/ns/globex/sa/web"]
    assert general["from"][0]["source"]["notPrincipals"] == ["cluster.local/ns/globex/sa/web"]
    assert general["to"] == [{"operation": {"notPorts": ["9080"]}}]
    assert named["to"] == [{"operation": {"notPorts": ["5432", "9080"]}}]


def test_members_of_a_project_are_no_strangers(planned):
    plan = planned(sharing(project={"name": "shop", "tenants": ["globex/web", "initech"]}))
    members = ["cluster.local/ns/globex--web/sa/*", "cluster.local/ns/initech/sa/*"]
    assert fence(plan)[0]["from"][0]["source"]["notPrincipals"][1:] == members
    assert plan.spec("AuthorizationPolicy", "allow-project")["rules"][0]["from"][0]["source"]["principals"] == members


def ingress(planned, **args):
    plan = planned({"ingress": {"hosts": ["a.example.com"], **args}})
    spec = plan.spec("AuthorizationPolicy", "allow-ingress")
    assert spec["selector"] == {"matchLabels": {"istio": "acme-ingress"}}
    return spec["rules"]


def test_clients_reach_the_gateways_own_hosts_by_sni_and_by_host_header(planned):
    plain, tls = ingress(planned, service={"type": "NodePort", "http_node_port": 31080})
    hosts = ["a.example.com", "a.example.com:80", "a.example.com:31080"]
    assert plain == {"to": [{"operation": {"hosts": hosts, "ports": ["8080"]}}]}
    assert tls == {
        "to": [{"operation": {"ports": ["8443"]}}],
        "when": [{"key": "connection.sni", "values": ["a.example.com"]}],
    }


@pytest.mark.parametrize(
    ("args", "ports"), [({"http_port": 0}, ["8443"]), ({"client_tls": "none"}, ["8080"]), ({}, ["8080", "8443"])]
)
def test_a_closed_port_is_not_allowed(planned, args, ports):
    assert [rule["to"][0]["operation"]["ports"][0] for rule in ingress(planned, **args)] == ports


def test_source_ranges_hold_at_the_gateway_too(planned):
    rules = ingress(planned, service={"source_ranges": ["203.0.113.0/24"]})
    assert {rule["from"][0]["source"]["ipBlocks"][0] for rule in rules} == {"203.0.113.0/24"}


def test_an_outside_host_for_some_service_accounts_is_refused_to_the_others(planned):
    services = [{"host": "api.stripe.com", "service_accounts": ["web"]}, {"host": "b.example.com"}]
    plan = planned({"egress": {"services": services}})
    spec = plan.spec("AuthorizationPolicy", "egress--api-stripe-com")
    assert spec["action"] == "DENY"
    assert spec["rules"][0]["from"] == [{"source": {"notPrincipals": ["cluster.local/ns/acme/sa/web"]}}]
    assert spec["rules"][0]["when"] == [{"key": "connection.sni", "values": ["api.stripe.com"]}]
    assert len([name for name in plan.names("AuthorizationPolicy") if "egress" in name]) == 1


def test_callers_to_whom_the_same_is_open_share_a_rule(planned):
    some, other = {**GRANT, "to": ["globex", "initech"]}, {**GRANT, "service": "pg", "ports": [5432], "to": ["hooli"]}
    of = {rule["to"][0]["operation"]["notPorts"][0]: rule["from"] for rule in fence(planned(sharing(some, other)))[1:]}
    assert of == {
        "9080": [{"source": {"principals": ["cluster.local/ns/globex/sa/*", "cluster.local/ns/initech/sa/*"]}}],
        "5432": [{"source": {"principals": ["cluster.local/ns/hooli/sa/*"]}}],
    }


def test_a_tenant_may_have_more_callers_than_a_policy_has_rules(planned):
    """A platform's tenant, which all others call: the API server takes 512 rules of a policy."""
    callers = [f"team-{number}" for number in range(600)]
    rules = fence(planned(sharing({**GRANT, "to": callers})))
    assert len(rules) == 2
    assert len(rules[1]["from"][0]["source"]["principals"]) == len(callers)
