"""What a tenant declares of others is written on its namespaces."""

import asyncio
import hashlib
import json

import pulumi


def annotations(plan, name):
    return {
        key.partition("/")[2]: json.loads(value)
        for key, value in plan.one("Namespace", name, "")["metadata"].get("annotations", {}).items()
    }


def test_a_tenant_that_shares_nothing_declares_nothing(planned):
    assert annotations(planned(), "acme") == {}


def test_the_owner_declares_a_grant_on_the_namespace_that_it_opens(planned):
    export = {
        "service": "quotes",
        "namespace": "db",
        "ports": [80],
        "to": ["globex", "globex/jobs"],
        "methods": ["GET"],
        "paths": ["/v1/*"],
        "service_accounts": ["web"],
        "reason": "why",
    }
    plan = planned({"namespaces": [{"name": "db"}], "sharing": {"exports": [export]}})
    assert annotations(plan, "acme") == {}
    assert annotations(plan, "acme--db") == {
        "exports": [
            {
                "service": "quotes",
                "ports": [80],
                "to": ["globex", "globex--jobs"],
                "methods": ["GET"],
                "paths": ["/v1/*"],
                "serviceAccounts": ["web"],
                "selector": {"app.kubernetes.io/name": "quotes"},
                "reason": "why",
            }
        ]
    }


def test_the_caller_declares_it_on_every_namespace_that_may_call(planned):
    one = {"tenant": "globex", "service": "quotes", "ports": [80], "selector": {"app": "q"}, "reason": "why"}
    plan = planned({"namespaces": [{"name": "db"}], "sharing": {"imports": [one]}})
    declared = {
        "imports": [
            {"namespace": "globex", "service": "quotes", "ports": [80], "selector": {"app": "q"}, "reason": "why"}
        ]
    }
    assert annotations(plan, "acme") == annotations(plan, "acme--db") == declared


def test_members_of_a_project_are_named(planned):
    plan = planned({"sharing": {"project": {"name": "shop", "tenants": ["globex"]}}})
    assert annotations(plan, "acme") == {"peers": ["globex"]}


def test_a_gateways_namespace_says_what_is_asked_of_clients(planned):
    ingress = {"client_tls": "mutual", "certificates": {"secret_name": "own-tls"}, "client_names": ["a.example.com"]}
    plan = planned({"domain": "acme.example.com", "namespaces": [{"name": "db"}], "ingress": ingress})
    assert annotations(plan, "acme") == {
        "doors": [
            {
                "hosts": ["*.acme.example.com", "acme.example.com"],
                "tls": "mutual",
                "secret": "own-tls",
                "clients": ["a.example.com"],
            }
        ]
    }
    assert annotations(plan, "acme--db") == {}


PLAIN = {"hosts": ["*.acme.example.com", "acme.example.com"], "tls": "none"}


def test_a_gateway_that_asks_for_nothing_says_so_of_its_hosts(planned):
    plan = planned({"domain": "acme.example.com", "ingress": {"client_tls": "none"}})
    assert annotations(plan, "acme") == {"doors": [PLAIN]}


def test_a_tenant_without_a_gateway_declares_no_door(planned):
    assert annotations(planned({}), "acme") == {}


def test_a_gateways_namespace_says_whose_tokens_are_asked_for(planned):
    issuer = {
        "issuer": "https://id.acme.example.com",
        "audiences": ["shop"],
        "jwks_uri": "https://id.acme.example.com/k",
    }
    opened = {"paths": ["/admin/*"], "claims": {"realm_access[roles]": ["admin"]}}
    jwt = [{**issuer, "claim_headers": {"x-user": "sub"}, "allow": [opened]}]
    plan = planned({"domain": "acme.example.com", "namespaces": [{"name": "db"}], "ingress": {}, "jwt": jwt})
    said = {"issuer": issuer["issuer"], "audiences": ["shop"], "keys": issuer["jwks_uri"], "headers": {"x-user": "sub"}}
    assert annotations(plan, "acme")["tokens"] == [{**said, "allow": [opened]}]
    assert annotations(plan, "acme--db") == {}


def test_a_gateways_namespace_says_which_addresses_are_answered_and_called(planned):
    args = {
        "domain": "acme.example.com",
        "namespaces": [{"name": "db"}],
        "ingress": {"client_tls": "none", "service": {"source_ranges": ["192.0.2.0/24", "203.0.113.0/24"]}},
        "egress": {"services": [{"host": "api.example"}], "destination_ranges": ["198.51.100.0/24"]},
    }
    plan = planned(args)
    assert annotations(plan, "acme") == {
        "doors": [PLAIN],
        "ranges": [
            {"selector": {"istio": "acme-ingress"}, "from": ["192.0.2.0/24", "203.0.113.0/24"]},
            {"selector": {"istio": "acme-egress"}, "to": ["198.51.100.0/24"]},
        ],
    }
    assert annotations(plan, "acme--db") == {}


def test_a_gateways_namespace_says_who_may_call_which_host_outside(planned):
    services = [{"host": "api.example", "service_accounts": ["pay", "book"]}, {"host": "open.example"}]
    plan = planned({"namespaces": [{"name": "db"}], "egress": {"services": services}})
    said = {"host": "api.example", "serviceAccounts": ["book", "pay"], "selector": {"istio": "acme-egress"}}
    assert annotations(plan, "acme") == {"callers": [said]}
    assert annotations(plan, "acme--db") == {}


def test_each_of_several_gateways_declares_its_own_addresses(planned):
    corp = {"client_tls": "none", "service": {"source_ranges": ["203.0.113.0/24"]}}
    args = {"domain": "acme.example.com", "ingress": {"client_tls": "none"}, "ingresses": {"corp": corp}}
    assert annotations(planned(args), "acme")["ranges"] == [
        {"selector": {"istio": "acme-ingress--corp"}, "from": ["203.0.113.0/24"]}
    ]


def test_gateways_for_all_addresses_declare_none(planned):
    egress = {"services": [{"host": "api.example"}]}
    plan = planned({"domain": "acme.example.com", "ingress": {"client_tls": "none"}, "egress": egress})
    assert annotations(plan, "acme") == {"doors": [PLAIN]}


def test_keys_that_are_written_down_are_declared_by_a_digest_of_what_they_say(planned):
    def declared(keys):
        jwt = [{"issuer": "https://id.acme.example.com", "audiences": ["shop"], "jwks": keys}]
        plan = planned({"domain": "acme.example.com", "ingress": {"client_tls": "none"}, "jwt": jwt})
        return annotations(plan, "acme")["tokens"][0]["keys"]

    one = '{"keys":[{"e":"AQAB","kid":"a","kty":"RSA","n":"AQAB"}]}'
    assert declared(one) == f"sha256:{hashlib.sha256(one.encode()).hexdigest()}"
    assert declared(json.dumps(json.loads(one), indent=2)) == declared(one)
    assert declared(one.replace('"a"', '"b"')) != declared(one)


def test_keys_that_are_known_when_they_are_deployed_only_are_declared_by_an_annotation_of_their_own(planned):
    """Which a component adds, for it is an output too."""

    async def plan():
        """Outputs are of an event loop."""
        jwt = [{"issuer": "https://id.acme.example.com", "audiences": ["shop"], "jwks": pulumi.Output.from_input("{}")}]
        return planned({"domain": "acme.example.com", "ingress": {"client_tls": "none"}, "jwt": jwt})

    assert annotations(asyncio.run(plan()), "acme")["tokens"] == [
        {"issuer": "https://id.acme.example.com", "audiences": ["shop"], "keys": "tenantmesh.dev/keys-0"}
    ]
