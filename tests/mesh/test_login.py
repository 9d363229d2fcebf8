"""People log in at a tenant's own gateway with a real OpenID provider; their session is worth nothing at another's.

The login is Envoy's OAuth2 filter, put on by hand as docs/decisions/login.md says: what it forwards are the tokens that
`TenantArgs.jwt` asks for, so that nothing is open when the filter is missing or lets a request through.
"""

import json
import re
import secrets
import urllib.parse
from contextlib import ExitStack

import pytest

from tests.mesh.oidc import kept, logged_in, provider, written
from tests.mesh.tokens import asking_for, in_the_clear, put_on

TENANTS = ("tenant1", "tenant2")
PAGE, DATA = "/productpage", "/api/v1/products/0"
_SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
_FILTER = "type.googleapis.com/envoy.extensions.filters.http.oauth2.v3.OAuth2"
_MANAGER = "envoy.filters.network.http_connection_manager"


@pytest.fixture(scope="module")
def passwords():
    """What each tenant is to the provider."""
    return {tenant: secrets.token_urlsafe(32) for tenant in TENANTS}


@pytest.fixture(scope="module")
def issuer(mesh, passwords, tmp_path_factory):
    clients = [
        {"id": name, "secret": word, "audience": name, "callback": f"https://{name}.example.com/callback"}
        for name, word in passwords.items()
    ]
    with provider(tmp_path_factory.mktemp("oidc"), mesh.lab.address, clients) as name:
        yield name


@pytest.fixture(scope="module")
def login(mesh, issuer, passwords):
    """Both tenants' gateways with a login of their own before the tokens that they ask for."""
    more = {"jwks_uri": f"{issuer}/jwks".replace("http:", "https:"), "claim_headers": {"x-user": "sub"}}
    with ExitStack() as stack:
        for name in TENANTS:
            asking = in_the_clear(asking_for(name, {"issuer": issuer, "audiences": [name], **more}))
            stack.enter_context(put_on(mesh, *asking))
            files = secret_files(mesh, name, passwords[name])
            for path in files.values():
                stack.callback(path.unlink)
            stack.enter_context(mesh.applied(way_to(name, issuer), login_filter(name, issuer, files)))
        yield mesh


@pytest.fixture(scope="module")
def sessions(login):
    """The cookies of people who have logged in, anna at tenant1 and bert at tenant2."""
    found = {tenant: session(login, tenant, name) for tenant, name in zip(TENANTS, ("anna", "bert"), strict=True)}
    for tenant, jar in found.items():
        login.eventually(lambda tenant=tenant, jar=jar: ask(login, tenant, PAGE, jar).status == 200, 60)
    return found


def secret_files(mesh, tenant, password):
    """What the filter keeps secret, in files in a folder that the gateway's proxy may watch."""
    meta = mesh.gateway(tenant)["metadata"]
    folder = mesh.lab.layout.pod(meta["namespace"], meta["name"]) / "istio-proxy"
    made = {}
    for name, value in (("client", password), ("hmac", secrets.token_urlsafe(32))):
        path = made[name] = folder / f"login-{name}.json"
        secret = {"@type": _SECRET, "name": name, "generic_secret": {"secret": {"inline_string": value}}}
        path.write_text(json.dumps({"resources": [secret]}))
        path.chmod(0o644)
    return made


def way_to(tenant, issuer):
    """The gateway exchanges codes for tokens itself."""
    host, _, port = urllib.parse.urlsplit(issuer).netloc.partition(":")
    spec = {
        "podSelector": {"matchLabels": {"istio": f"{tenant}-ingress"}},
        "policyTypes": ["Egress"],
        "egress": [
            {"to": [{"ipBlock": {"cidr": f"{host}/32"}}], "ports": [{"port": int(port), "protocol": "TCP"}]},
        ],
    }
    return body("networking.k8s.io/v1", "NetworkPolicy", tenant, spec)


def login_filter(tenant, issuer, files):
    host, _, port = urllib.parse.urlsplit(issuer).netloc.partition(":")
    endpoint = {"address": {"socket_address": {"address": host, "port_value": int(port)}}}
    cluster = {
        "name": "login",
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": "login", "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}]},
    }
    config = {
        "token_endpoint": {"cluster": "login", "uri": f"{issuer}/token", "timeout": "30s"},
        "authorization_endpoint": f"{issuer}/auth",
        "redirect_uri": f"https://{tenant}.example.com/callback",
        "redirect_path_matcher": {"path": {"exact": "/callback"}},
        "signout_path": {"path": {"exact": "/signout"}},
        "auth_scopes": ["openid"],
        "auth_type": "BASIC_AUTH",
        "forward_bearer_token": True,
        "credentials": {
            "client_id": tenant,
            "token_secret": from_file("client", files),
            "hmac_secret": from_file("hmac", files),
        },
    }
    listener = {"portNumber": 8443, "filterChain": {"filter": {"name": _MANAGER}}}
    oauth2 = {"name": "envoy.filters.http.oauth2", "typed_config": {"@type": _FILTER, "config": config}}
    patches = [
        patch("CLUSTER", {}, "ADD", cluster),
        patch("HTTP_FILTER", {"listener": listener}, "INSERT_FIRST", oauth2),
    ]
    selector = {"labels": {"istio": f"{tenant}-ingress"}}
    spec = {"workloadSelector": selector, "configPatches": patches}
    return body("networking.istio.io/v1alpha3", "EnvoyFilter", tenant, spec)


def from_file(name, files):
    source = {"path_config_source": {"path": str(files[name])}, "resource_api_version": "V3"}
    return {"name": name, "sds_config": source}


def patch(where, match, operation, value):
    return {
        "applyTo": where,
        "match": {"context": "GATEWAY", **match},
        "patch": {"operation": operation, "value": value},
    }


def body(version, kind, namespace, spec):
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "login", "namespace": namespace}, "spec": spec}


def ask(mesh, tenant, path, jar=None, **headers):
    return mesh.ask(tenant, path, headers={"cookie": written(jar or {}), **headers})


def begun(mesh, tenant):
    """A browser without a session: where it is sent, and the cookies of the login that begins."""
    answer = ask(mesh, tenant, PAGE)
    assert answer.status == 302
    return answer.headers["location"], cookies(answer)


def cookies(answer):
    return kept(answer.set_cookies)


def session(mesh, tenant, name):
    """The cookies that a person has after a login."""
    location, jar = begun(mesh, tenant)
    parts = urllib.parse.urlsplit(logged_in(location, name))
    assert (parts.netloc, parts.path) == (f"{tenant}.example.com", "/callback")
    answer = ask(mesh, tenant, f"{parts.path}?{parts.query}", jar)
    assert (answer.status, answer.headers["location"]) == (302, f"https://{tenant}.example.com{PAGE}")
    return cookies(answer)


def test_who_has_no_session_is_sent_to_the_provider_as_a_client_of_the_tenant(login, issuer):
    for tenant in TENANTS:
        location, _ = begun(login, tenant)
        parts = urllib.parse.urlsplit(location)
        query = urllib.parse.parse_qs(parts.query)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{issuer}/auth"
        assert query["client_id"] == [tenant]
        assert query["redirect_uri"] == [f"https://{tenant}.example.com/callback"]
        assert query["code_challenge_method"] == ["S256"]


def test_who_has_logged_in_is_answered_and_the_app_is_told_who_it_is(login, sessions):
    for tenant, name in zip(TENANTS, ("anna", "bert"), strict=True):
        answer = ask(login, tenant, DATA, sessions[tenant])
        assert answer.status == 200
        assert {key.lower(): value for key, value in answer.json()["headers"].items()}["x-user"] == name


@pytest.mark.parametrize(("tenant", "other"), [TENANTS, TENANTS[::-1]])
def test_a_session_of_the_other_tenant_is_sent_to_log_in(login, sessions, tenant, other):
    answer = ask(login, tenant, PAGE, sessions[other])
    assert answer.status == 302
    assert f"client_id={tenant}&" in answer.headers["location"]


@pytest.mark.parametrize("cookie", ["OauthHMAC", "OauthExpires", "BearerToken"])
def test_a_session_that_was_changed_is_none(login, sessions, cookie):
    jar = sessions["tenant1"]
    changed = re.sub(r"^.", lambda first: "2" if first[0] != "2" else "3", jar[cookie])
    assert ask(login, "tenant1", PAGE, {**jar, cookie: changed}).status == 302


def test_a_code_that_another_browser_asked_for_is_refused(login):
    """The browser that brings it has no cookie of that login."""
    location, _ = begun(login, "tenant1")
    parts = urllib.parse.urlsplit(logged_in(location, "anna"))
    assert ask(login, "tenant1", f"{parts.path}?{parts.query}").status == 401


def test_who_signs_out_has_no_session(login, sessions):
    answer = ask(login, "tenant1", "/signout", sessions["tenant1"])
    assert answer.status == 302
    assert {cookies(answer)[name] for name in ("OauthHMAC", "BearerToken", "IdToken")} == {"deleted"}
