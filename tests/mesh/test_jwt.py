"""A tenant's gateway takes its own issuer's tokens, and by their claims opens paths; each refusal is told apart."""

import json
import threading
from base64 import urlsafe_b64decode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.mesh.tokens import Issuer, added, asking_for, bearing, in_the_clear, open_gateway, put_on

TENANT, OTHER = "tenant1", "tenant2"
JSON = "/api/v1/products/0"
ALLOW = [
    {"paths": ["/productpage", "/static/*"]},
    {"paths": ["/api/v1/products*"], "methods": ["GET"], "claims": {"role": ["admin", "auditor"]}},
    {"paths": ["/login"], "claims": {"realm_access[roles]": ["admin"], "tier": ["gold"]}},
]
ASKING = {
    "payload_header": "x-token-claims",
    "claim_headers": {"x-user": "sub", "x-team": "team"},
    "allow": ALLOW,
}


@pytest.fixture(scope="module")
def issuers():
    return {name: Issuer(name=f"https://id.{name}.example.com", audience="books") for name in (TENANT, OTHER)}


@pytest.fixture(scope="module")
def asking(mesh, issuers):
    """Both tenants with an issuer each, as the library plans them."""
    bodies = {name: objects(name, issuers[name]) for name in (TENANT, OTHER)}
    with put_on(mesh, *bodies[TENANT], *bodies[OTHER]):
        yield mesh


@pytest.fixture
def ask(asking, issuers):
    """Asks tenant1's gateway with a token of its issuer, or with none."""

    def send(path="/productpage", *, token=None, headers=None, method="GET", **claims):
        if token is None:
            token = issuers[TENANT].token(**claims)
        sent = {**(bearing(token) if token else {}), **(headers or {})}
        return asking.ask(TENANT, path, headers=sent, method=method)

    return send


@pytest.fixture
def instead(asking, issuers):
    """Puts other objects of tenant1 on while a block lasts."""

    @contextmanager
    def put(*bodies):
        asking.apply(*bodies)
        try:
            yield
        finally:
            asking.apply(*objects(TENANT, issuers[TENANT]))

    return put


def objects(tenant, issuer, **more):
    """What one issuer makes of a tenant: two objects of its own, and what its gateway lets through."""
    args = {"issuer": issuer.name, "audiences": [issuer.audience, "reports"], **ASKING, **more}
    if "jwks_uri" not in args:
        args["jwks"] = issuer.jwks
    return asking_for(tenant, args)


def told(answer):
    return answer.status, answer.text


def test_the_right_token_is_answered_by_the_app(ask):
    answer = ask()
    assert (answer.status, answer.headers["x-standin-namespace"]) == (200, TENANT)


def test_a_token_for_any_of_the_audiences_is_taken(ask):
    assert ask(aud=["else", "reports"]).status == 200


def test_no_token_is_refused_for_its_absence(ask):
    assert told(ask(token="")) == (403, "RBAC: access denied")


def test_an_expired_token_is_refused_for_its_age(ask):
    """Proxies allow for a minute between clocks."""
    assert told(ask(seconds=-120)) == (401, "Jwt is expired")


def test_a_token_of_tomorrow_is_refused(ask, issuers):
    late = issuers[TENANT].token(seconds=90000, nbf=4_000_000_000, exp=4_000_090_000)
    assert told(ask(token=late)) == (401, "Jwt not yet valid")


def test_a_token_for_another_audience_is_refused_for_that(ask):
    assert told(ask(aud="music")) == (403, "Audiences in Jwt are not allowed")


def test_a_token_for_no_audience_is_refused(ask):
    assert told(ask(aud=[])) == (403, "Audiences in Jwt are not allowed")


def test_a_token_of_the_other_tenants_issuer_is_refused_for_its_issuer(ask, issuers, asking):
    token = issuers[OTHER].token()
    assert told(ask(token=token)) == (401, "Jwt issuer is not configured")
    assert asking.ask(OTHER, headers=bearing(token)).status == 200


def test_a_token_that_another_signed_is_refused_for_its_signature(ask, issuers):
    forged = issuers[TENANT].token(key=issuers[OTHER].key)
    assert told(ask(token=forged)) == (401, "Jwt verification fails")


def test_a_token_without_signature_is_refused(ask, issuers):
    head, body, _ = issuers[TENANT].token().split(".")
    none = "eyJhbGciOiJub25lIn0"
    assert ask(token=f"{none}.{body}.").status == 401
    assert ask(token=f"{head}.{body}.").status == 401


def test_what_is_no_token_is_refused(ask):
    assert told(ask(token="a.b.c")) == (401, "Jwt header is an invalid Base64url encoded")


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 403),
        ({"role": "reader"}, 403),
        ({"role": "admins"}, 403),
        ({"role": "admin"}, 200),
        ({"role": ["reader", "auditor"]}, 200),
    ],
)
def test_a_claim_opens_a_path(ask, claims, status):
    assert ask(JSON, **claims).status == status
    assert ask("/productpage", **claims).status == 200


def test_claims_are_needed_together_and_inner_ones_count(ask):
    roles = {"realm_access": {"roles": ["admin", "reader"]}}
    assert ask("/login", **roles, tier="gold").status == 200
    assert ask("/login", **roles).status == 403
    assert ask("/login", tier="gold", realm_access={"roles": ["reader"]}).status == 403
    assert ask("/login", tier="gold", roles=["admin"]).status == 403


def test_a_claim_opens_the_methods_that_it_names(ask):
    assert ask(JSON, role="admin").status == 200
    assert ask(JSON, role="admin", method="DELETE").status == 403


@pytest.mark.parametrize("path", ["/logout", "/productpage/x"])
def test_a_path_that_no_claim_opens_is_refused_with_any_token(ask, path):
    assert ask(path, role="admin", tier="gold").status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/static/../api/v1/products/0",
        "/static/%2e%2e/api/v1/products/0",
        "//api/v1/products/0",
        "/api/v1//products/0",
        "/api/v1/%70roducts/0",
        "/API/v1/products/0",
    ],
)
def test_an_unusual_spelling_does_not_open_a_path(ask, path):
    assert ask(path).status in (400, 403, 404)


def test_the_app_sees_the_claims_and_not_the_token(ask):
    headers = seen(ask(JSON, role="admin", team="red"))
    assert (headers["x-user"], headers["x-team"]) == ("anna", "red")
    payload = headers["x-token-claims"]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["sub"], claims["team"]) == ("anna", "red")
    assert "authorization" not in headers


def test_what_a_client_writes_into_a_claims_header_is_dropped(ask):
    headers = seen(ask(JSON, role="admin", headers={"x-team": "blue", "x-user": "root", "x-token-claims": "e30"}))
    assert headers["x-user"] == "anna"
    assert "x-team" not in headers
    assert headers["x-token-claims"] != "e30"


def test_the_token_is_forwarded_where_that_is_wanted(ask, instead, issuers):
    token = issuers[TENANT].token(role="admin")
    with instead(*objects(TENANT, issuers[TENANT], forward_token=True)):
        headers = seen(ask(JSON, token=token))
    assert headers["authorization"] == f"Bearer {token}"


def test_the_plain_port_still_leads_to_the_secured_one(asking):
    assert asking.ask_plain(TENANT, "/productpage").status == 301


def test_an_allow_of_the_tenant_does_not_undo_the_asking(asking, ask):
    metadata = {"name": "open", "namespace": TENANT}
    version = "security.istio.io/v1"
    everything = {"apiVersion": version, "kind": "AuthorizationPolicy", "metadata": metadata, "spec": {"rules": [{}]}}
    with asking.applied(everything):
        assert ask("/logout").status == 200
        assert told(ask("/logout", token="")) == (403, "RBAC: access denied")


def test_without_issuers_nobody_is_asked(mesh, asking, instead, issuers):
    """Or the refusals above could be another object's."""
    usual = objects(TENANT, issuers[TENANT])
    with instead(open_gateway(TENANT)):
        mesh.remove(*added(usual))
        assert [asking.ask(TENANT, path).status for path in ("/productpage", JSON)] == [200, 200]


@pytest.fixture
def served(mesh, issuers):
    """Serves the keys of tenant1's issuer where istiod reaches them, and tells the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(issuers[TENANT].jwks.encode())

        def log_message(self, *_):
            """Not into the test's output."""

    server = HTTPServer((mesh.lab.address, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"{mesh.lab.address}:{server.server_port}/keys"
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_fetched_from_their_address(mesh, ask, instead, issuers, served):
    with instead(*in_the_clear(objects(TENANT, issuers[TENANT], jwks_uri=f"https://{served}"))):
        mesh.eventually(lambda: ask().status == 200, 60)
        forged = ask(token=issuers[TENANT].token(key=issuers[OTHER].key))
    assert told(forged) == (401, "Jwt verification fails")


def test_no_token_is_taken_while_the_keys_cannot_be_fetched(mesh, ask, instead, issuers):
    nowhere = f"https://{mesh.lab.address}:1/keys"
    with instead(*in_the_clear(objects(TENANT, issuers[TENANT], jwks_uri=nowhere))):
        assert ask().status == 401


def seen(answer):
    """The headers that the stand-in for the App saw, in lower case."""
    assert answer.status == 200, answer.text
    return {name.lower(): value for name, value in answer.json()["headers"].items()}
