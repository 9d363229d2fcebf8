"""Whose tokens a gateway asks for, from what users write."""

import json

import pytest

from tenantmesh.args.authentication import JwtArgs, TokenRuleArgs
from tenantmesh.args.parse import parse_tenant
from tenantmesh.errors import ArgsError, OwnershipError
from tenantmesh.spec.authentication import JwtSpec, TokenRuleSpec
from tenantmesh.spec.ownership import Registry
from tenantmesh.spec.tenant import claims_of

ISSUER = "https://id.example.com"
KEYS = json.dumps({"keys": [{"kty": "RSA", "n": "sXch", "e": "AQAB"}]})


def one(**args):
    return {"issuer": ISSUER, "audiences": ["shop"], "jwks": KEYS, **args}


def tenant(*jwt, name="acme", **args):
    return parse_tenant(name, {"domain": f"{name}.example.com", "ingress": {}, "jwt": list(jwt), **args})


def refused(*jwt, **args):
    with pytest.raises(ArgsError) as caught:
        tenant(*jwt, **args)
    return caught.value.problems


def test_a_tenant_asks_for_no_token_unless_told():
    assert parse_tenant("acme").jwt == ()


def test_an_issuer_is_read_whole():
    rule = TokenRuleArgs(paths=["/b", "/a*"], methods=["PUT", "GET"], claims={"role[inner]": ["b", "a"]})
    args = JwtArgs(
        issuer=ISSUER,
        audiences=["shop", "api"],
        jwks_uri=f"{ISSUER}/keys",
        forward_token=True,
        payload_header="x-claims",
        claim_headers={"x-user": "sub"},
        allow=[rule],
    )
    assert tenant(args).jwt == (
        JwtSpec(
            issuer=ISSUER,
            audiences=("api", "shop"),
            jwks_uri=f"{ISSUER}/keys",
            forward_token=True,
            payload_header="x-claims",
            claim_headers=(("x-user", "sub"),),
            allow=(TokenRuleSpec(paths=("/a*", "/b"), methods=("GET", "PUT"), claims=(("role[inner]", ("a", "b")),)),),
        ),
    )


def test_without_allow_a_token_opens_everything():
    assert tenant(one()).jwt[0].rules == (TokenRuleSpec(),)


def test_the_order_of_issuers_means_nothing():
    first, second = one(), one(issuer="https://other.example.com")
    assert tenant(first, second).jwt == tenant(second, first).jwt


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"issuer": ""}, "issuer: is empty"),
        ({"issuer": "https://*"}, "issuer: 'https://*' has '*' in it"),
        ({"audiences": []}, "audiences: is empty"),
        ({"audiences": ["*"]}, "audiences[0]: '*' has '*' in it"),
        ({"jwks_uri": f"{ISSUER}/keys"}, "jwks_uri: is one source of keys and jwks another"),
        ({"jwks": None}, "jwks: is missing"),
        ({"jwks": None, "jwks_uri": "http://id.example.com/keys"}, "begins with https://"),
        ({"jwks": None, "jwks_uri": "https://me:word@id.example.com/keys"}, "jwks_uri: has a password in it"),
        ({"jwks": "none"}, "jwks: is not a JSON Web Key Set"),
        ({"jwks": "[]"}, "jwks: is not a JSON Web Key Set"),
        ({"jwks": '{"keys": [1]}'}, "jwks: is not a JSON Web Key Set"),
        ({"jwks": '{"keys": []}'}, "jwks: has no key"),
        ({"payload_header": "X-Claims"}, "payload_header: 'X-Claims' is not the name of a header"),
        ({"claim_headers": {"host": "sub"}}, "claim_headers.host: 'host' has a meaning to proxies"),
        ({"claim_headers": {"x-forwarded-for": "sub"}}, "'x-forwarded-for' has a meaning to proxies"),
        ({"claim_headers": {"x-user": "a["}}, "claim_headers.x-user: 'a[' is not a claim"),
        ({"claim_headers": {"x-a": "sub"}, "payload_header": "x-a"}, "payload_header: 'x-a' is in claim_headers too"),
        ({"allow": []}, "allow: is empty"),
        ({"allow": [{}]}, "allow[0]: says nothing"),
        ({"allow": [{"paths": []}]}, "allow[0]: says nothing"),
        ({"allow": [{"paths": ["a"]}]}, "allow[0].paths[0]: 'a' is not a path"),
        ({"allow": [{"methods": ["get"]}]}, "allow[0].methods[0]: 'get' is not an HTTP method"),
        ({"allow": [{"claims": {"role": []}}]}, "allow[0].claims.role: is empty"),
        ({"allow": [{"claims": {"role": [""]}}]}, "allow[0].claims.role[0]: is empty"),
    ],
)
def test_a_wrong_field_is_named(given, problem):
    (found,) = refused(one(**given))
    assert "acme.jwt[0]" in found
    assert problem in found


def test_a_private_key_is_refused_and_not_shown():
    key = {"kty": "RSA", "n": "sXch", "e": "AQAB", "d": "canary"}
    (found,) = refused(one(jwks=json.dumps({"keys": [key]})))
    assert "jwks: has a private or shared key in it" in found
    assert "canary" not in found


def test_every_wrong_field_is_told_at_once():
    assert len(refused({"audiences": [], "jwks": 1, "allow": [{"paths": ["a"], "methods": ["get"]}]})) == 5


def test_an_issuer_is_named_once():
    (found,) = refused(one(), one(audiences=["api"]))
    assert "acme.jwt[1].issuer: 'https://id.example.com' is there twice" in found


@pytest.mark.parametrize("ingress", [None, {"client_tls": "passthrough"}])
def test_tokens_need_a_gateway_that_sees_them(ingress):
    (found,) = refused(one(), ingress=ingress)
    assert "jwt: no gateway sees tokens" in found


def test_an_issuer_and_audience_belong_to_one_tenant():
    registry = Registry()
    registry.claim(claims_of(tenant(one(audiences=["shop", "api"]))))
    registry.claim(claims_of(tenant(one(audiences=["music"]), name="globex")))
    with pytest.raises(OwnershipError) as caught:
        registry.claim(claims_of(tenant(one(audiences=["api"]), name="initech")))
    told = "tokens for 'api of https://id.example.com' of tenant 'initech' is already owned by tenant 'acme'"
    assert told in str(caught.value)
