"""A namespace moves from permissive to strict mutual TLS without loss, and callers are who they are said to be."""

import pytest

from tests.mesh.asking import RefusedError
from tests.mesh.playground import made, playground
from tests.mesh.steady import steady

PORT = 8080
SECURITY = "security.istio.io/v1"


@pytest.fixture(scope="module")
def play(mesh):
    with playground(mesh) as found:
        yield found


def peers(mode):
    return made(SECURITY, "PeerAuthentication", "app", f"mode-{mode.lower()}", spec={"mtls": {"mode": mode}})


def asking(mesh, pod, address, path="/", **request):
    return lambda: mesh.ask_inside(pod, f"http://{address}:{PORT}{path}", host="web.app", **request)


def answers(send):
    try:
        return send().status == 200
    except RefusedError:
        return False


def test_strict_mutual_tls_comes_without_a_failed_request_and_shuts_out_plain_text(mesh, play):
    address = play.addresses["app", "web"]
    member, stranger = (asking(mesh, pod, address) for pod in (play.member("shop", "web"), play.stranger))
    permissive, strict = peers("PERMISSIVE"), peers("STRICT")
    play.replace([], [permissive])
    with steady(member) as asked:
        assert stranger().status == 200
        play.replace([permissive], [strict])
        mesh.eventually(lambda: not answers(stranger))
        before = asked.answered
        mesh.eventually(lambda: asked.answered > before + 20)
    play.replace([strict], [])
    assert asked.failures == []


def test_callers_have_the_identity_of_their_service_account(mesh, play):
    address = play.addresses["app", "web"]
    seen = {
        account: asking(mesh, play.member(*pod), address)().json()["headers"]["x-forwarded-client-cert"]
        for pod, account in ((("shop", "web"), "shop/sa/web"), (("shop", "db"), "shop/sa/default"))
    }
    called, trusted = "By=spiffe://cluster.local/ns/app/sa/web", "URI=spiffe://cluster.local/ns"
    for account, text in seen.items():
        assert text.startswith(f"{called};"), text
        assert text.endswith(f";{trusted}/{account}"), text


def test_an_identity_is_let_in_to_the_method_and_path_that_it_was_granted_and_nobody_else(mesh, play):
    address = play.addresses["app", "web"]
    web, other = play.member("shop", "web"), play.member("shop", "db")
    who = [{"source": {"principals": ["cluster.local/ns/shop/sa/web"]}}]
    what = [{"operation": {"methods": ["GET"], "paths": ["/open*"]}}]
    policy = made(SECURITY, "AuthorizationPolicy", "app", "granted", spec={"rules": [{"from": who, "to": what}]})
    play.replace([], [policy])
    statuses = [
        asking(mesh, pod, address, path, method=method)().status
        for pod, path, method in (
            (web, "/open/1", "GET"),
            (web, "/open/1", "POST"),
            (web, "/shut", "GET"),
            (other, "/open/1", "GET"),
        )
    ]
    play.replace([policy], [])
    assert statuses == [200, 403, 403, 403]
