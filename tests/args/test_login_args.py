"""How people log in at a gateway, from what users write."""

import asyncio

import pulumi
import pytest

from tenantmesh.args.authentication import JwtArgs
from tenantmesh.args.gateway import EgressArgs, ExternalServiceArgs
from tenantmesh.args.login import LoginArgs
from tenantmesh.args.parse import parse_tenant
from tenantmesh.errors import ArgsError
from tenantmesh.spec.login import LoginSpec

ISSUER = "https://id.example.org"
JWT = JwtArgs(issuer=ISSUER, audiences=["shop"], jwks_uri=f"{ISSUER}/keys")
PROVIDER = ExternalServiceArgs(host="id.example.org", protocol="https")
LOGIN = LoginArgs(
    authorization_endpoint=f"{ISSUER}/auth?audience=shop",
    token_endpoint=f"{ISSUER}/token",
    client_id="shop",
    client_secret="word",
)


def tenant(login=LOGIN, **args):
    usual = {"domain": "shop.example.com", "ingress": {}, "egress": EgressArgs(services=[PROVIDER])}
    return parse_tenant("shop", {**usual, "jwt": [{**JWT, "login": login}], **args})


def refused(**args):
    with pytest.raises(ArgsError) as caught:
        tenant(**args)
    return caught.value.problems


def test_nobody_logs_in_unless_told():
    assert parse_tenant("shop").login is None


def test_a_login_is_read_whole():
    more = LoginArgs(**LOGIN, scopes=["profile", "openid"], redirect_path="/in", sign_out_path="/out", epoch=2)
    assert tenant(more).login == LoginSpec(
        authorization_endpoint=f"{ISSUER}/auth?audience=shop",
        token_endpoint=f"{ISSUER}/token",
        client_id="shop",
        client_secret="word",
        scopes=("openid", "profile"),
        redirect_path="/in",
        sign_out_path="/out",
        epoch=2,
    )


def test_a_secret_that_is_known_only_later_flows_through():
    async def given_and_kept():
        """Outputs are of an event loop."""
        secret = pulumi.Output.secret("word")
        return secret, tenant({**LOGIN, "client_secret": secret}).login.client_secret

    secret, kept = asyncio.run(given_and_kept())
    assert kept is secret


def test_the_secret_is_not_shown_with_the_rest():
    assert "word" not in repr(tenant().login)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"client_id": None}, "client_id: is missing"),
        ({"authorization_endpoint": "http://id.example.org"}, "authorization_endpoint: 'http://id.example.org' is not"),
        ({"authorization_endpoint": "https://127.0.0.1/auth"}, "authorization_endpoint: '127.0.0.1' is an address"),
        ({"authorization_endpoint": "https://a b.example.org"}, "is not an address that begins with https://"),
        ({"authorization_endpoint": "https://[id.example.org"}, "'https://[id.example.org' is not an address"),
        ({"authorization_endpoint": "https://id.example.org:x"}, "'https://id.example.org:x' is not an address"),
        ({"authorization_endpoint": "https://me:pass@id.example.org"}, "has a name or password in it"),
        ({"authorization_endpoint": "https://id.example.org/#a"}, "has a '#' in it"),
        ({"token_endpoint": f"{ISSUER}/token?a=b"}, "token_endpoint: 'https://id.example.org/token?a=b' has a query"),
        ({"token_endpoint": "https://api.example.org"}, "'api.example.org' on port 443 is none of egress.services"),
        ({"token_endpoint": f"{ISSUER}:8443/"}, "'id.example.org' on port 8443 is none of egress.services"),
        ({"client_id": ""}, "client_id: is empty"),
        ({"client_secret": " "}, "client_secret: is empty"),
        ({"client_secret": 17}, "client_secret: a int is not text"),
        ({"scopes": []}, "scopes: is empty"),
        ({"scopes": ["openid profile"]}, "scopes[0]: 'openid profile' is not a scope"),
        ({"redirect_path": "in"}, "redirect_path: 'in' is not a path"),
        ({"redirect_path": "/"}, "redirect_path: '/' would be taken from the App"),
        ({"sign_out_path": "/out/*"}, "sign_out_path: '/out/*' would be taken from the App"),
        ({"sign_out_path": "/oauth2/callback"}, "sign_out_path: '/oauth2/callback' is redirect_path too"),
        ({"epoch": 0}, "epoch: 0 is not a positive number"),
    ],
)
def test_a_wrong_field_is_named(given, problem):
    (found,) = refused(login={**LOGIN, **given})
    assert found.startswith("tenants.shop.jwt[")
    assert "].login." in found
    assert problem in found


def test_people_are_sent_to_one_issuer():
    other = {**JWT, "issuer": "https://id.example.net", "login": LOGIN}
    (found,) = refused(jwt=[{**JWT, "login": LOGIN}, other])
    assert "jwt[https://id.example.org].login: jwt[https://id.example.net].login is there already" in found
    assert tenant(jwt=[{**JWT, "login": LOGIN}, {**other, "login": None}]).login


def test_a_login_needs_tls_that_the_gateway_ends():
    (found,) = refused(ingress={"client_tls": "none"})
    assert "jwt[https://id.example.org].login: its cookies are for TLS" in found


def test_a_login_needs_a_way_to_the_provider():
    (found,) = refused(egress=None)
    assert "].login.token_endpoint: 'id.example.org' on port 443 is none of egress.services: add it" in found


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ({"protocol": "tls"}, "egress.services[0].protocol: the login speaks to 'id.example.org'"),
        ({"service_accounts": ["web"]}, "egress.services[0].service_accounts: the login's gateway is missing"),
    ],
)
def test_the_way_is_one_that_the_gateway_may_go(service, problem):
    (found,) = refused(egress={"services": [{**PROVIDER, **service}]})
    assert problem in found
    assert tenant(egress={"services": [{**PROVIDER, "service_accounts": ["web", "shop-ingress"]}]}).login


def test_the_way_may_be_for_the_gateways_of_several_alone():
    accounts = ["shop-ingress", "shop-ingress--staff"]
    egress = {"services": [{**PROVIDER, "service_accounts": accounts}], "replicas": {"minimum": 1}}
    small = {"replicas": {"minimum": 1}}
    found = tenant(ingress=small, ingresses={"staff": small}, egress=egress)
    assert found.egress.services[0].service_accounts == tuple(accounts)
    (problem,) = refused(egress={"services": [{**PROVIDER, "service_accounts": ["web--staff"]}]})
    assert "egress.services[0].service_accounts[0]: 'web--staff' has '--'" in problem


def test_every_wrong_field_is_told_at_once():
    wrong = {**LOGIN, "client_id": "", "client_secret": 1, "scopes": [], "epoch": "x"}
    assert len(refused(login=wrong)) == 4
