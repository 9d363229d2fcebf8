"""A gateway takes the tokens of a real OpenID provider, whose tenants are told apart by their audiences."""

import base64
import json
import urllib.parse
import urllib.request

import pytest

from tests.mesh.oidc import provider
from tests.mesh.tokens import asking_for, bearing, in_the_clear, put_on

PAGE, PRODUCTS = "/productpage", "/api/v1/products/0"
CLIENTS = [
    {"id": "anna", "secret": "s" * 32, "audience": "tenant1", "role": "admin"},
    {"id": "bert", "secret": "s" * 32, "audience": "tenant1", "role": "reader"},
    {"id": "cleo", "secret": "s" * 32, "audience": "tenant2", "role": "admin"},
]


@pytest.fixture(scope="module")
def issuer(mesh, tmp_path_factory):
    """A running provider that istiod reaches: its name, which is its address."""
    with provider(tmp_path_factory.mktemp("oidc"), mesh.lab.address, CLIENTS) as name:
        yield name


@pytest.fixture(scope="module")
def asking(mesh, issuer):
    """Both tenants take the provider's tokens, each for its own audience, once the keys are fetched."""
    allow = [{"paths": [PAGE]}, {"paths": [PRODUCTS], "claims": {"role": ["admin"]}}]
    more = {"jwks_uri": f"{issuer}/jwks".replace("http:", "https:"), "claim_headers": {"x-user": "sub"}, "allow": allow}
    tenants = ("tenant1", "tenant2")
    bodies = [asking_for(name, {"issuer": issuer, "audiences": [name], **more}) for name in tenants]
    with put_on(mesh, *(body for found in bodies for body in in_the_clear(found))):
        for name, client in (("tenant1", "anna"), ("tenant2", "cleo")):
            headers = bearing(token(issuer, client))
            mesh.eventually(lambda name=name, headers=headers: mesh.ask(name, headers=headers).status == 200, 60)
        yield mesh


def token(issuer, client, resource="urn:tenantmesh:books"):
    """A token that a client gets of the provider; without a resource the provider's are no JWT."""
    (secret,) = [one["secret"] for one in CLIENTS if one["id"] == client]
    form = {"grant_type": "client_credentials"} | ({"resource": resource} if resource else {})
    credentials = base64.b64encode(f"{client}:{secret}".encode()).decode()
    request = urllib.request.Request(f"{issuer}/token", urllib.parse.urlencode(form).encode())  # noqa: S310 -- its http
    request.add_header("authorization", f"Basic {credentials}")
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- as above
        return json.loads(answer.read())["access_token"]


def test_the_providers_token_opens_what_its_claims_open(asking, issuer):
    admin, reader = (bearing(token(issuer, client)) for client in ("anna", "bert"))
    assert [asking.ask("tenant1", path, headers=admin).status for path in (PAGE, PRODUCTS)] == [200, 200]
    assert [asking.ask("tenant1", path, headers=reader).status for path in (PAGE, PRODUCTS)] == [200, 403]


def test_the_app_is_told_who_asks(asking, issuer):
    answer = asking.ask("tenant1", PRODUCTS, headers=bearing(token(issuer, "anna")))
    assert {name.lower(): value for name, value in answer.json()["headers"].items()}["x-user"] == "anna"


def test_a_token_for_the_other_tenant_is_refused_though_the_provider_is_the_same(asking, issuer):
    headers = bearing(token(issuer, "cleo"))
    refused = asking.ask("tenant1", headers=headers)
    assert (refused.status, refused.text) == (403, "Audiences in Jwt are not allowed")
    assert asking.ask("tenant2", headers=headers).status == 200


def test_a_token_that_only_the_provider_can_read_is_refused(asking, issuer):
    assert asking.ask("tenant1", headers=bearing(token(issuer, "anna", resource=""))).status == 401
