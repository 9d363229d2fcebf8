"""Key sets that are outputs: declared by their digest as soon as they are known, and unproven until then."""

import datetime
import json

import pulumi
import pulumi_random as random

import tenantmesh as tm
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.engine.values import reveal
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject
from tests.components.programs import made

ISSUER = {"issuer": "https://id.acme.example.com", "audiences": ["shop"]}
OTHER = {"issuer": "https://id.example.com", "audiences": ["shop"], "jwks_uri": "https://id.example.com/keys"}
KEYS = '{"keys":[{"e":"AQAB","kid":"a","kty":"RSA","n":"AQAB"}]}'


def evaluated(jwks, *, preview=True):
    def program():
        args = {
            "domain": "acme.example.com",
            "ingress": {"client_tls": "none"},
            "jwt": [OTHER, {**ISSUER, "jwks": jwks()}],
        }
        tm.Tenant("acme", args)

    return made(program, preview=preview).manifest


def proof(manifest):
    cluster = Cluster(manifest)
    return prove(cluster, find_intent(cluster), today=datetime.date(2030, 6, 1))


def said(manifest):
    """What is said of tokens: found, and not known."""
    found = proof(manifest)
    return [one.message for one in found.findings if one.rule.id == "token-weakened"], [
        one.reason for one in found.unproven
    ]


def digest(manifest):
    (namespace,) = [one.body for one in manifest if one.key.kind == "Namespace"]
    annotations = namespace["metadata"]["annotations"]
    assert [one["keys"] for one in json.loads(annotations["tenantmesh.dev/tokens"])] == [
        "tenantmesh.dev/keys-0",
        OTHER["jwks_uri"],
    ]
    return annotations["tenantmesh.dev/keys-0"]


def later():
    return pulumi.Output.concat('{"keys":[{"kty":"RSA","kid":"', random.RandomPet("kid").id, '"}]}')


def swapped(manifest, keys):
    """The same objects with other keys at the gateway."""
    bodies = [json.loads(json.dumps(reveal(one.body))) for one in manifest]
    for body in bodies:
        if body["kind"] == "RequestAuthentication":
            body["spec"]["jwtRules"][0]["jwks"] = keys
    return Manifest.of(ManifestObject(body=body) for body in bodies)


def test_an_output_that_is_known_is_declared_as_text_is():
    manifest = evaluated(lambda: pulumi.Output.from_input(KEYS))
    assert digest(manifest).startswith("sha256:")
    assert said(manifest) == ([], [])
    (message,), doubts = said(swapped(manifest, KEYS.replace('"a"', '"b"')))
    assert ("signed with other keys" in message, doubts) == (True, [])


def test_keys_that_are_not_known_yet_are_unproven():
    manifest = evaluated(later)
    assert not isinstance(digest(manifest), str)
    messages, (doubt,) = said(manifest)
    assert messages == []
    assert f"which keys sign the tokens of {ISSUER['issuer']} is known once they are deployed only" in doubt


def test_keys_that_were_deployed_are_known():
    manifest = evaluated(later, preview=False)
    assert digest(manifest).startswith("sha256:")
    assert said(manifest) == ([], [])
    assert said(swapped(manifest, KEYS))[0] != []


def test_the_digest_of_keys_that_are_a_secret_is_none():
    """The keys themselves stay one, so what they are can't be compared."""
    manifest = evaluated(lambda: pulumi.Output.secret(KEYS))
    assert digest(manifest) == digest(evaluated(lambda: pulumi.Output.from_input(KEYS)))
    messages, doubts = said(manifest)
    assert (messages, len(doubts)) == ([], 1)


def test_keys_that_are_text_need_no_annotation_of_their_own():
    (namespace,) = [one.body for one in evaluated(lambda: KEYS) if one.key.kind == "Namespace"]
    assert "tenantmesh.dev/keys-0" not in namespace["metadata"]["annotations"]
