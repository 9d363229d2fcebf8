"""People log in at a tenant's own gateway with an OpenID provider outside; their session is worth nothing elsewhere.

The stack is deployed with the argument `login`, and nothing is put on by hand. Gateways exchange codes for tokens with
the provider by way of the egress gateways: what else leaves the cluster is in test_network.
"""

import json
import re
import secrets
import shutil
import urllib.parse

import pytest

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tenantmesh.lab.namespaces import connect
from tenantmesh.lab.node import Node
from tests.mesh.asking import Request
from tests.mesh.browsing import CALLBACK, PAGE, ask, begun, ended, lasting, session
from tests.mesh.oidc import Outside, kept, logged_in, provider_outside, written
from tests.mesh.signing import begins_tls, originating, signing_in
from tests.mesh.tokens import bearing

TENANTS = ("tenant1", "tenant2")
PAIRS = (TENANTS, TENANTS[::-1])
DATA = "/api/v1/products/0"
HOST, ADDRESS = "id.partner.example", "203.0.113.30"
SIGN_OUT = "/oauth2/sign-out"
PUBLIC = "/etc/ssl/certs/ca-certificates.crt"
"""Authorities that never signed for the provider."""
_HTTPS = 8443
TOKEN, SIGNATURE, EXPIRES = "__Host-login-token", "__Host-login-signature", "__Host-login-expires"


@pytest.fixture(scope="module")
def words():
    """What each tenant is to the provider, and what a program of the first is."""
    return {name: secrets.token_urlsafe(32) for name in (*TENANTS, "robot")}


@pytest.fixture(scope="module")
def outside(mesh, words, tmp_path_factory):
    """A running provider, of which both tenants are clients; the cluster's DNS knows its name."""
    folder = tmp_path_factory.mktemp("pki")
    pair = Authority(folder, Circle.CLUSTER).issue(Subject(user="provider", hosts=(HOST,)))
    (folder / "provider.pem").write_bytes(pair.certificate + pair.key)
    clients = [
        {"id": name, "secret": words[name], "audience": name, "callback": f"https://{name}.example.com{CALLBACK}"}
        for name in TENANTS
    ]
    clients.append({"id": "robot", "secret": words["robot"], "audience": "tenant1", "role": "robot"})
    meta = {"name": "coredns", "namespace": "kube-system"}
    names = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"NodeHosts": f"{ADDRESS} {HOST}"}}
    node = Node.running(mesh.lab.layout.id)
    network = node.attach(f"outside.{ADDRESS}", ADDRESS).namespace
    found = Outside(host=HOST, address=ADDRESS, network=network, ca=folder / "ca.crt")
    try:
        with (
            provider_outside(tmp_path_factory.mktemp("oidc"), found, folder / "provider.pem", clients),
            mesh.applied(names),
        ):
            yield found
    finally:
        node.detach(f"outside.{ADDRESS}")


@pytest.fixture(scope="module")
def login(mesh, outside, words):
    """Both tenants' gateways with a login of their own before the tokens that they ask for."""
    # The egress gateways' proxies read it, which run as another user.
    ca = mesh.lab.layout.pods / "provider-ca.crt"
    ca.write_bytes(outside.ca.read_bytes())
    ca.chmod(0o644)
    edit = signing_in(HOST, json.dumps(outside.ask("/jwks")), words, ca)
    try:
        with mesh.deployed(edit):
            yield mesh
    finally:
        ca.unlink()


@pytest.fixture(scope="module")
def sessions(login, outside):
    """The cookies of people who have logged in, anna at tenant1 and bert at tenant2."""
    found = {
        tenant: session(login, outside, tenant, name) for tenant, name in zip(TENANTS, ("anna", "bert"), strict=True)
    }
    for tenant, jar in found.items():
        login.eventually(lambda tenant=tenant, jar=jar: ask(login, tenant, PAGE, jar).status == 200, 60)
    return found


def told(answer):
    """The headers that the App saw."""
    return {name.lower(): value for name, value in answer.json()["headers"].items()}


def test_who_has_no_session_is_sent_to_the_provider_as_a_client_of_the_tenant(login, outside):
    for tenant in TENANTS:
        location, _ = begun(login, tenant)
        parts = urllib.parse.urlsplit(location)
        query = urllib.parse.parse_qs(parts.query)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{outside.issuer}/auth"
        assert query["client_id"] == [tenant]
        assert query["redirect_uri"] == [f"https://{tenant}.example.com{CALLBACK}"]
        assert query["code_challenge_method"] == ["S256"]


def test_who_has_logged_in_is_answered_and_the_app_is_told_who_it_is(login, sessions):
    for tenant, name in zip(TENANTS, ("anna", "bert"), strict=True):
        answer = ask(login, tenant, DATA, sessions[tenant])
        assert answer.status == 200
        seen = told(answer)
        assert seen["x-user"] == name
        assert "authorization" not in seen


@pytest.mark.parametrize("own", [{}, {"basket": "3"}, {"basket": "3", "colour": "a=b"}])
def test_the_app_sees_its_own_cookies_and_none_of_the_session(login, sessions, own):
    """Not the token either, which the filter would write there in the clear."""
    (first, word), *others = sessions["tenant1"].items()
    seen = told(ask(login, "tenant1", DATA, {first: word, **own, **dict(others)}))
    assert sorted(seen.get("cookie", "").split("; ")) == sorted(written(own).split("; "))


def at_staff(mesh, path, jar=None, **headers):
    """Ask the further gateway of the first tenant, which has the same hosts and wants no certificate."""
    host, ca = "tenant1.example.com", mesh.credential("tenant1").ca
    sent = {**({"cookie": written(jar)} if jar else {}), **headers}
    request = Request(path=path, host=host, sni=host, ca=ca, headers=sent)
    (gateway,) = mesh.lab.pods("tenant1", "istio=tenant1-ingress--staff")
    return request.send(lambda: connect(mesh.lab.node, gateway["status"]["podIP"], _HTTPS))


def test_people_log_in_at_a_further_gateway_too(login, outside):
    begin = at_staff(login, DATA)
    assert begin.status == 302
    parts = urllib.parse.urlsplit(logged_in(begin.headers["location"], "cara", outside.connection))
    back = at_staff(login, f"{parts.path}?{parts.query}", lasting(begin))
    assert (back.status, back.headers["location"]) == (302, f"https://tenant1.example.com{DATA}")
    jar = lasting(back)
    login.eventually(lambda: at_staff(login, DATA, jar).status == 200, 60)
    assert told(at_staff(login, DATA, jar))["x-user"] == "cara"
    assert at_staff(login, DATA, **{"sec-fetch-mode": "cors"}).status == 401


def test_who_has_logged_in_is_known_at_each_of_the_tenants_gateways_and_at_no_others(login, sessions):
    assert told(at_staff(login, DATA, sessions["tenant1"]))["x-user"] == "anna"
    assert at_staff(login, DATA, sessions["tenant2"]).status == 302


def test_codes_are_exchanged_by_way_of_the_egress_gateway(login, sessions):
    for tenant in sessions:
        log = login.proxy_log(login.pod(tenant, f"istio={tenant}-egress"))
        assert '"POST /token HTTP/1.1" 200' in log
        assert f"outbound|443||{HOST}" in log


@pytest.mark.parametrize(("tenant", "other"), PAIRS)
def test_a_session_of_the_other_tenant_is_sent_to_log_in(login, sessions, tenant, other):
    answer = ask(login, tenant, PAGE, sessions[other])
    assert answer.status == 302
    assert f"client_id={tenant}&" in answer.headers["location"]


@pytest.mark.parametrize("cookie", [SIGNATURE, EXPIRES, TOKEN])
def test_a_session_that_was_changed_is_none(login, sessions, cookie):
    jar = sessions["tenant1"]
    changed = re.sub(r"^.", lambda first: "2" if first[0] != "2" else "3", jar[cookie])
    assert ask(login, "tenant1", PAGE, {**jar, cookie: changed}).status == 302


def test_a_code_that_another_browser_asked_for_is_refused(login, outside):
    """The browser that brings it has no cookie of that login."""
    location, _ = begun(login, "tenant1")
    parts = urllib.parse.urlsplit(logged_in(location, "anna", outside.connection))
    assert ask(login, "tenant1", f"{parts.path}?{parts.query}").status == 401


def test_a_program_with_a_token_of_its_own_is_answered_and_not_sent_to_log_in(login, outside, words):
    answer = login.ask("tenant1", DATA, headers=bearing(outside.token("robot", words["robot"])))
    assert answer.status == 200
    assert told(answer)["x-user"] == "robot"


def test_what_only_looks_like_a_token_opens_nothing(login):
    assert login.ask("tenant1", headers=bearing("nonsense")).status == 401
    assert login.ask("tenant1", headers={"authorization": "Basic nonsense"}).status == 302


def test_a_programs_token_for_one_tenant_is_refused_at_the_other(login, outside, words):
    answer = login.ask("tenant2", headers=bearing(outside.token("robot", words["robot"])))
    assert (answer.status, answer.text) == (403, "Audiences in Jwt are not allowed")


def test_a_script_without_a_session_is_refused_and_not_sent_to_log_in(login):
    assert ask(login, "tenant1", PAGE, **{"sec-fetch-mode": "cors"}).status == 401
    assert ask(login, "tenant1", PAGE, **{"sec-fetch-mode": "navigate"}).status == 302


def test_nobody_is_sent_back_to_a_host_that_is_not_the_tenants(login):
    answer = login.ask("tenant1", host="tenant2.example.com", sni="tenant1.example.com")
    assert answer.status >= 400


def test_the_secrets_are_in_no_configuration_that_is_shown(login, words):
    """Neither in the objects of the mesh nor in what a gateway's proxy tells of itself."""
    for tenant in TENANTS:
        shown = json.dumps(login.config_dump(login.gateway(tenant)))
        base = f"/apis/networking.istio.io/v1alpha3/namespaces/{tenant}/envoyfilters"
        shown += json.dumps(login.lab.api.get(base))
        assert "oauth2" in shown
        assert not [name for name, word in words.items() if word in shown]


def test_who_signs_out_has_no_session(login, sessions):
    answer = ask(login, "tenant1", SIGN_OUT, sessions["tenant1"])
    assert answer.status == 302
    assert {kept(answer.set_cookies)[name] for name in (SIGNATURE, TOKEN)} == {"deleted"}


def test_a_new_key_ends_all_sessions_without_a_new_pod(login, sessions):
    """The files change as a kubelet changes them: in one step, by a name in the folder that the proxy watches."""
    meta = login.gateway("tenant1")["metadata"]
    file = login.lab.layout.pod(meta["namespace"], meta["name"]) / "istio-proxy/etc/tenantmesh/login/key.json"
    before = file.read_text()
    word = json.loads(before)["resources"][0]["generic_secret"]["secret"]["inline_string"]
    assert ask(login, "tenant1", PAGE, sessions["tenant1"]).status == 200
    try:
        _replaced(file, before.replace(word, secrets.token_urlsafe(32)))
        login.eventually(lambda: ask(login, "tenant1", PAGE, sessions["tenant1"]).status == 302, 60)
    finally:
        _replaced(file, before)
    login.eventually(lambda: ask(login, "tenant1", PAGE, sessions["tenant1"]).status == 200, 60)
    assert login.gateway("tenant1")["metadata"]["uid"] == meta["uid"]


def _replaced(file, text):
    new = file.with_suffix(".new")
    new.write_text(text)
    shutil.copystat(file, new)
    shutil.chown(new, file.stat().st_uid, file.stat().st_gid)
    new.replace(file)


@pytest.mark.parametrize(
    ("said", "takes"),
    [
        ({"subjectAltNames": ["other.example"]}, False),
        ({"caCertificates": PUBLIC}, False),
        # What `verify` calls unverified.
        ({"subjectAltNames": [], "sni": "other.example"}, True),
        ({"caCertificates": "", "subjectAltNames": [], "insecureSkipVerify": True}, True),
    ],
)
def test_who_is_taken_for_the_provider_is_for_the_destination_rule_to_say(login, outside, said, takes):
    login_begun = begun(login, "tenant1")
    with login.changed(originating(login, HOST, lambda tls: {**tls, **said})):
        answer = ended(login, outside, "tenant1", "anna", login_begun)
    assert answer.status == (302 if takes else 401)


def test_without_the_destination_rules_tls_the_egress_gateway_begins_none(login):
    assert begins_tls(login, HOST)
    with login.changed(originating(login, HOST, lambda _: {"mode": "DISABLE"})):
        assert not begins_tls(login, HOST)


def test_nothing_is_open_while_the_filter_is_missing(login, sessions, outside, words):
    """A session is nothing by itself then, and programs go on."""
    body = login.lab.api.get("/apis/networking.istio.io/v1alpha3/namespaces/tenant1/envoyfilters/login")
    kept_fields = {name: body["metadata"][name] for name in ("name", "namespace", "labels")}
    login.remove(body)
    try:
        login.eventually(lambda: ask(login, "tenant1", PAGE).status == 403, 60)
        assert ask(login, "tenant1", PAGE, sessions["tenant1"]).status == 403
        headers = bearing(outside.token("robot", words["robot"]))
        assert login.ask("tenant1", headers=headers).status == 200
    finally:
        login.apply({**body, "metadata": kept_fields})
