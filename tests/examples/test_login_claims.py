"""What the example login claims, looked up in the objects that it makes."""

import json

from tests.examples.programs import kept, objects, objects_of


def test_a_login_changes_nothing_of_what_is_asked_for():
    found = objects("login")
    (rule,) = found.spec("AuthorizationPolicy", "require-token")["rules"]
    assert rule["when"] == [{"key": "request.auth.claims[iss]", "notValues": ["https://id.example.org"]}]
    (issuer,) = found.spec("RequestAuthentication", "tokens")["jwtRules"]
    assert (issuer["issuer"], issuer["audiences"]) == ("https://id.example.org", ["theatre"])


def test_only_the_egress_gateway_leaves_and_goes_to_the_provider_for_the_ingress_gateway_alone():
    found = objects("login")
    outside = [
        body["spec"]["podSelector"]["matchLabels"]
        for body in found.bodies("NetworkPolicy")
        if "ipBlock" in json.dumps(body["spec"].get("egress", []))
    ]
    assert outside == [{"istio": "theatre-egress"}]
    (rule,) = found.spec("AuthorizationPolicy", "egress--id-example-org")["rules"]
    assert rule["from"] == [{"source": {"notPrincipals": ["cluster.local/ns/theatre/sa/theatre-ingress"]}}]


def test_the_clients_secret_is_in_one_secret_and_nowhere_else():
    found = objects_of("login", {"clientSecret": "marker-Zq7wX2"}, None)
    holding = [
        item.key for item in found.evaluation.manifest if "marker" in repr(item.body) and item.key.kind != "Secret"
    ]
    assert holding == []
    assert "marker-Zq7wX2" in kept(found.one("Secret", "theatre-ingress-login"))["client.json"]
