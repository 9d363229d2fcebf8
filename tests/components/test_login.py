"""What a login keeps secret, from the argument to the state."""

import json

import pulumi
import pytest

import tenantmesh as tm
from tenantmesh.engine.values import Secret
from tests.args.test_login_args import JWT, LOGIN, PROVIDER
from tests.components.programs import body, made, resource
from tests.examples.programs import kept

WORD = "marker-word-Zq7wX2"


def tenant(word, **login):
    args = {"domain": "acme.example.com", "ingress": {}, "egress": {"services": [PROVIDER]}}

    def jwt():
        return [{**JWT, "login": {**LOGIN, "client_secret": word(), **login}}]

    return made(lambda: tm.Tenant("acme", {**args, "jwt": jwt()}))


def inline(text):
    (found,) = json.loads(text)["resources"]
    return found["name"], found["generic_secret"]["secret"]["inline_string"]


def open_parts(value):
    """What of a value is no secret."""
    if isinstance(value, Secret):
        return None
    if isinstance(value, dict):
        return {name: open_parts(item) for name, item in value.items()}
    return [open_parts(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "word", [lambda: WORD, lambda: pulumi.Output.secret(WORD), lambda: pulumi.Output.from_input(WORD)]
)
def test_both_files_are_secret_however_the_clients_secret_is_given(word):
    found = tenant(word)
    files = kept(body(found, "acme/acme/acme-ingress-login", "Secret"))
    assert inline(files["client.json"]) == ("client", WORD)
    name, key = inline(files["key.json"])
    assert name == "key"
    assert len(key) == 48
    shown = repr([(open_parts(state.inputs), open_parts(state.outputs)) for state in found.resources])
    assert "acme-ingress-login" in shown
    assert WORD not in shown
    assert key not in shown


def test_another_epoch_is_another_key():
    first, second = (
        resource(tenant(lambda: WORD, epoch=epoch), f"acme/login-{epoch}", "RandomPassword") for epoch in (1, 2)
    )
    assert first.urn != second.urn
