"""What is planned of tokens: which are taken, that one is needed, and what each opens."""

import pytest

KEYS = '{"keys": [{"kty": "RSA", "n": "sXch", "e": "AQAB"}]}'
ISSUER = "https://id.example.com"
GATEWAY = {"matchLabels": {"istio": "acme-ingress"}}


@pytest.fixture
def asking(planned):
    """Plans tenant acme with issuers."""

    def plan(*jwt, **ingress):
        return planned({"domain": "acme.example.com", "ingress": ingress, "jwt": list(jwt)})

    return plan


def one(**args):
    return {"issuer": ISSUER, "audiences": ["shop"], "jwks": KEYS, **args}


def opened(plan):
    return plan.spec("AuthorizationPolicy", "allow-ingress")["rules"]


def test_without_issuers_nothing_is_planned(asking):
    plan = asking()
    assert plan.names("RequestAuthentication") == []
    assert "acme/require-token" not in plan.names("AuthorizationPolicy")


def test_an_issuers_tokens_are_taken_at_the_ingress_gateway_only(asking):
    spec = asking(one()).spec("RequestAuthentication", "tokens")
    assert spec == {"jwtRules": [{"issuer": ISSUER, "audiences": ["shop"], "jwks": KEYS}], "selector": GATEWAY}


def test_keys_may_come_from_an_address_and_claims_go_to_headers(asking):
    more = {"jwks": None, "jwks_uri": f"{ISSUER}/keys", "forward_token": True, "payload_header": "x-claims"}
    (rule,) = asking(one(**more, claim_headers={"x-user": "sub"})).spec("RequestAuthentication", "tokens")["jwtRules"]
    assert rule == {
        "issuer": ISSUER,
        "audiences": ["shop"],
        "jwksUri": f"{ISSUER}/keys",
        "forwardOriginalToken": True,
        "outputPayloadToHeader": "x-claims",
        "outputClaimToHeaders": [{"header": "x-user", "claim": "sub"}],
    }


def test_a_token_is_asked_for_wherever_the_gateway_does_not_only_redirect(asking):
    deny = asking(one()).spec("AuthorizationPolicy", "require-token")
    condition = {"key": "request.auth.claims[iss]", "notValues": [ISSUER]}
    assert deny["action"] == "DENY"
    assert deny["selector"] == GATEWAY
    assert deny["rules"] == [{"to": [{"operation": {"notPorts": ["8080"]}}], "when": [condition]}]
    plain = asking(one(), client_tls="none").spec("AuthorizationPolicy", "require-token")
    assert plain["rules"] == [{"when": [condition]}]


def test_each_rule_of_each_issuer_narrows_what_the_gateway_lets_through(asking):
    allow = [{"paths": ["/a"], "methods": ["GET"]}, {"claims": {"role": ["x"], "realm[roles][all]": ["y"]}}]
    plain, first, second, third = opened(asking(one(allow=allow), one(issuer="other")))
    assert "when" not in plain
    sni = {"key": "connection.sni", "values": ["*.acme.example.com", "acme.example.com"]}
    issuer = {"key": "request.auth.claims[iss]", "values": [ISSUER]}
    assert first == {
        "to": [{"operation": {"ports": ["8443"], "paths": ["/a"], "methods": ["GET"]}}],
        "when": [sni, issuer],
    }
    inner = {"key": "request.auth.claims[realm][roles][all]", "values": ["y"]}
    assert second["to"] == [{"operation": {"ports": ["8443"]}}]
    assert second["when"] == [sni, issuer, inner, {"key": "request.auth.claims[role]", "values": ["x"]}]
    assert third["when"] == [sni, {"key": "request.auth.claims[iss]", "values": ["other"]}]


def test_the_clients_addresses_are_looked_at_too(asking):
    rules = opened(asking(one(), service={"source_ranges": ["192.0.2.0/24"]}))
    assert [rule["from"] for rule in rules] == [[{"source": {"ipBlocks": ["192.0.2.0/24"]}}]] * 2


def test_a_plain_gateway_asks_on_its_one_port(asking):
    (rule,) = opened(asking(one(), client_tls="none"))
    assert rule["to"][0]["operation"]["ports"] == ["8080"]
    assert rule["when"] == [{"key": "request.auth.claims[iss]", "values": [ISSUER]}]
