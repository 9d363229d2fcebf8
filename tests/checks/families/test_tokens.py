"""Tokens at gateways, against what was declared of them."""

import copy
import hashlib
import json

import pytest

from tests.checks.breaches import of_rule, proven

ISSUER = "https://id.acme.example.com"
ADMIN = {"paths": ["/admin"], "claims": {"realm_access[roles]": ["admin"]}}
SAID = {"issuer": ISSUER, "audiences": ["shop"], "keys": f"{ISSUER}/keys", "headers": {"x-user": "sub"}}
SELECTOR = {"matchLabels": {"app": "web"}}
RULE = {
    "issuer": ISSUER,
    "audiences": ["shop"],
    "jwksUri": f"{ISSUER}/keys",
    "outputClaimToHeaders": [{"header": "x-user", "claim": "sub"}],
}
WITHOUT = {"when": [{"key": "request.auth.claims[iss]", "notValues": [ISSUER]}]}
TOKEN = {"key": "request.auth.claims[iss]", "values": [ISSUER]}
ROLE = {"key": "request.auth.claims[realm_access][roles]", "values": ["admin"]}
OPENED = {"to": [{"operation": {"paths": ["/admin"], "ports": ["8443"]}}], "when": [TOKEN, ROLE]}


def text(kind, name, spec, group="security.istio.io/v1"):
    return json.dumps(
        {"apiVersion": group, "kind": kind, "metadata": {"name": name, "namespace": "acme"}, "spec": spec}
    )


def namespace(*said):
    metadata = {
        "name": "acme",
        "labels": {"istio-injection": "enabled"},
        "annotations": {"tenantmesh.dev/tokens": json.dumps(said)},
    }
    return json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def gateway():
    """One server that serves, and one on port 80 (8080 behind the Service) that only sends there."""
    servers = [
        {
            "port": {"name": "https", "number": 443, "protocol": "HTTPS"},
            "hosts": ["shop.acme.example.com"],
            "tls": {"mode": "SIMPLE", "credentialName": "shop-tls"},
        },
        {
            "port": {"name": "http", "number": 80, "protocol": "HTTP"},
            "hosts": ["shop.acme.example.com"],
            "tls": {"httpsRedirect": True},
        },
    ]
    ports = [{"name": "https", "port": 443, "targetPort": 8443}, {"name": "http", "port": 80, "targetPort": 8080}]
    return (
        text("Gateway", "web", {"selector": {"app": "web"}, "servers": servers}, "networking.istio.io/v1"),
        text("Service", "web", {"selector": {"app": "web"}, "ports": ports}, "v1"),
    )


def found(*, said=SAID, taken=(RULE,), deny=(WITHOUT,), allow=None, selector=SELECTOR, intent=None):
    """What is found of the tokens at acme's gateway."""
    objects = [namespace(said) if said else "{}", *gateway()]
    if taken:
        objects.append(text("RequestAuthentication", "tokens", {"selector": selector, "jwtRules": list(taken)}))
    if deny:
        spec = {"action": "DENY", "selector": selector, "rules": list(deny)}
        objects.append(text("AuthorizationPolicy", "require-token", spec))
    if allow:
        objects.append(text("AuthorizationPolicy", "opened", {"action": "ALLOW", "selector": SELECTOR, "rules": allow}))
    return [one.message for one in of_rule(proven(*objects, intent=intent), "token-weakened")]


def changed(one, **more):
    """A copy with some fields changed, or gone where they are None."""
    return {name: value for name, value in {**copy.deepcopy(one), **more}.items() if value is not None}


def test_a_gateway_that_asks_as_declared_is_fine():
    assert found() == []
    assert found(deny=[{"to": [{"operation": {"notPorts": ["8080"]}}], **WITHOUT}]) == []


@pytest.mark.parametrize("names", [["*"], [f"{ISSUER}/*"]])
def test_whoever_has_no_principal_of_a_request_may_be_refused_instead(names):
    assert found(deny=[{"from": [{"source": {"notRequestPrincipals": names}}]}]) == []


@pytest.mark.parametrize(
    "deny",
    [
        (),
        [{"to": [{"operation": {"paths": ["/admin"]}}], **WITHOUT}],
        [{"to": [{"operation": {"notPorts": ["8443"]}}], **WITHOUT}],
        [{"to": [{"operation": {"notPorts": ["8080"], "methods": ["GET"]}}], **WITHOUT}],
        [{"when": [*WITHOUT["when"], {"key": "request.headers[x]", "values": ["x"]}]}],
        [{"when": [{"key": "request.auth.claims[iss]", "notValues": [ISSUER, "https://id.example.com"]}]}],
        [{"when": [{"key": "request.auth.claims[sub]", "notValues": [ISSUER]}]}],
        [{"from": [{"source": {"ipBlocks": ["192.0.2.0/24"]}}], **WITHOUT}],
        [{"from": [{"source": {"notRequestPrincipals": ["*"], "ipBlocks": ["192.0.2.0/24"]}}]}],
        [{"from": [{"source": {"notRequestPrincipals": ["https://id.example.com/*"]}}]}],
    ],
)
def test_without_a_deny_of_all_that_has_no_token_it_is_weakened(deny):
    (message,) = found(deny=deny)
    assert f"no DENY refuses requests without a token of {ISSUER}" in message


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (changed(RULE, audiences=["shop", "other"]), "for other audiences than shop"),
        (changed(RULE, audiences=None), "for other audiences than shop"),
        (changed(RULE, jwksUri="https://id.example.com/keys"), "signed with other keys"),
        (changed(RULE, jwksUri=None, jwks="{}"), "signed with other keys"),
        (changed(RULE, outputClaimToHeaders=None), "so that a client may write it"),
    ],
)
def test_tokens_that_are_taken_otherwise_are_found(rule, what):
    (message,) = found(taken=[rule])
    assert what in message


def test_an_issuer_is_taken_when_and_only_when_it_was_declared():
    assert any("which was not declared" in one for one in found(taken=[RULE, {"issuer": "https://id.example.com"}]))
    assert any(f"takes tokens of {ISSUER}" in one for one in found(taken=()))


def test_policies_of_a_part_of_the_pods_do_not_count():
    """Pods of the gateway that only its own selector has in common may lack the other label."""
    messages = found(selector={"matchLabels": {"app": "web", "tier": "front"}})
    assert len(messages) == 2


@pytest.mark.parametrize(
    ("rule", "fine"),
    [
        (OPENED, True),
        ({"from": [{"source": {"principals": ["cluster.local/ns/acme/sa/*"]}}]}, True),
        ({"to": [{"operation": {"ports": ["8080"]}}]}, True),
        (changed(OPENED, when=[TOKEN]), False),
        (changed(OPENED, when=[ROLE]), False),
        (changed(OPENED, when=[TOKEN, changed(ROLE, values=["admin", "user"])]), False),
        (changed(OPENED, to=[{"operation": {"paths": ["/admin", "/pages"]}}]), False),
        (changed(OPENED, to=[*OPENED["to"], {"operation": {"ports": ["8443"]}}]), False),
        (changed(OPENED, to=None), False),
        ({}, False),
    ],
)
def test_no_more_is_opened_than_was_declared_of_a_token(rule, fine):
    messages = found(said={**SAID, "allow": [ADMIN]}, allow=[rule])
    assert messages == [] if fine else ["lets more through" in one for one in messages] == [True]


def test_what_a_token_opens_may_be_left_unsaid():
    assert found(allow=[{}]) == []


def test_an_intent_file_says_the_same_of_a_cluster_that_does_not():
    intent = {"tokens": [{"tenant": "acme", **SAID}]}
    assert found(said=None, intent=intent) == []
    assert len(found(said=None, intent=intent, deny=())) == 1
    assert found(said=None, deny=()) == []


KEYS = '{"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}'
DIGEST = (
    f"sha256:{hashlib.sha256(json.dumps(json.loads(KEYS), separators=(',', ':'), sort_keys=True).encode()).hexdigest()}"
)


@pytest.mark.parametrize("keys", [KEYS, json.dumps(json.loads(KEYS), indent=2, sort_keys=True)])
def test_keys_that_are_written_down_are_known_by_their_digest_however_they_are_laid_out(keys):
    rule = changed(RULE, jwksUri=None, jwks=keys)
    assert found(said=changed(SAID, keys=DIGEST), taken=[rule]) == []


@pytest.mark.parametrize(
    "rule",
    [
        changed(RULE, jwksUri=None, jwks=KEYS.replace('"a"', '"b"')),
        changed(RULE, jwksUri=None, jwks="no keys"),
        changed(RULE, jwksUri=None),
        changed(RULE, jwks=KEYS),
        RULE,
    ],
)
def test_keys_that_were_exchanged_for_others_are_found(rule):
    (message,) = found(said=changed(SAID, keys=DIGEST), taken=[rule])
    assert "signed with other keys" in message


LATER = changed(SAID, keys="tenantmesh.dev/keys-0")


def of_later(rule, **annotations):
    """What is found, and in doubt, of keys that are declared by an annotation of their own."""
    body = json.loads(namespace(LATER))
    body["metadata"]["annotations"] |= annotations
    taken = text("RequestAuthentication", "tokens", {"selector": SELECTOR, "jwtRules": [rule]})
    spec = {"action": "DENY", "selector": SELECTOR, "rules": [WITHOUT]}
    proof = proven(json.dumps(body), *gateway(), taken, text("AuthorizationPolicy", "require-token", spec))
    messages = [one.message for one in of_rule(proof, "token-weakened")]
    assert not any("no DENY" in one for one in messages)
    return len(messages), [one.reason for one in proof.unproven]


def test_keys_may_be_declared_by_an_annotation_of_their_own():
    written = changed(RULE, jwksUri=None, jwks=KEYS)
    assert of_later(written, **{"tenantmesh.dev/keys-0": DIGEST}) == (0, [])
    assert of_later(written, **{"tenantmesh.dev/keys-0": f"{DIGEST[:-1]}x"}) == (1, [])


def test_keys_that_nobody_knows_yet_are_a_doubt():
    found, (reason,) = of_later(changed(RULE, jwksUri=None, jwks=KEYS))
    assert found == 0
    assert reason.endswith(f"sign the tokens of {ISSUER} is known once they are deployed only (spec.jwtRules[0].jwks)")


@pytest.mark.parametrize("rule", [RULE, changed(RULE, jwks=KEYS), changed(RULE, jwksUri=None)])
def test_that_keys_were_to_be_written_down_is_known_at_once(rule):
    assert of_later(rule) == (1, [])


GATEWAY = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "front"}


def attached(target=GATEWAY, deny=WITHOUT):
    """What is found of the tokens at a Gateway of the Gateway API, to which the policies are attached."""
    listener = {"name": "http", "port": 8080, "protocol": "HTTP"}
    made = text("Gateway", "front", {"gatewayClassName": "istio", "listeners": [listener]}, f"{GATEWAY['group']}/v1")
    taken = text("RequestAuthentication", "tokens", {"targetRefs": [target], "jwtRules": [RULE]})
    asked = text("AuthorizationPolicy", "asked", {"targetRefs": [target], "action": "DENY", "rules": [deny]})
    return [one.message for one in of_rule(proven(namespace(SAID), made, taken, asked), "token-weakened")]


def test_policies_that_are_attached_to_a_gateway_hold_for_it():
    assert attached() == []


def test_an_attached_policy_that_does_not_ask_is_found():
    narrow = {**WITHOUT, "to": [{"operation": {"paths": ["/admin"]}}]}
    (message,) = attached(deny=narrow)
    assert "no DENY refuses requests without a token" in message


@pytest.mark.parametrize("other", [{"name": "back"}, {"kind": "Service", "group": ""}, {"namespace": "globex"}])
def test_policies_that_are_attached_to_something_else_do_not_hold(other):
    assert len(attached({**GATEWAY, **other})) == 2


def test_a_token_of_another_issuer_that_an_attached_policy_takes_is_found():
    other = text(
        "RequestAuthentication", "more", {"targetRefs": [GATEWAY], "jwtRules": [{"issuer": "https://x.example"}]}
    )
    listener = {"name": "http", "port": 8080, "protocol": "HTTP"}
    made = text("Gateway", "front", {"gatewayClassName": "istio", "listeners": [listener]}, f"{GATEWAY['group']}/v1")
    messages = [one.message for one in of_rule(proven(namespace(SAID), made, other), "token-weakened")]
    assert any("takes tokens of https://x.example" in one for one in messages)
