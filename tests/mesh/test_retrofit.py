"""The example `retrofit` on the mesh, with a real redis: what is as old as ever is asked for certificates and tokens.

The service is `legacy.py`, which opens plain TCP connections to redis and answers plain HTTP.
"""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantmesh.lab.namespaces import connect, within
from tests.mesh import legacy
from tests.mesh.asking import RefusedError, Request
from tests.mesh.beside import beside
from tests.mesh.bypassing import host_outside, past, reach, reach_from
from tests.mesh.tokens import Issuer, bearing

PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")
TENANT, HOST, PORT = "archive", "archive.example.com", 6379
NOTHING = "-1"
KEYS = 'jwks_uri="https://id.archive.example.com/keys"'

pytestmark = [
    pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed"),
    pytest.mark.skipif(not PYTHON, reason="python3 is not where every user can run it"),
]


@pytest.fixture(scope="module")
def issuer():
    return Issuer(name="https://id.archive.example.com", audience="ledger")


@pytest.fixture(scope="module")
def retrofit(mesh, issuer):
    """The example beside the dev stack, whose mesh it joins, with an issuer whose keys lie in the program."""
    script = Path("/tmp") / f"tenantmesh-{mesh.lab.layout.id}-legacy.py"  # noqa: S108
    shutil.copy(legacy.__file__, script)
    script.chmod(0o644)
    mesh.lab.play({"ledger": (PYTHON, str(script))})
    try:
        with beside(mesh, "retrofit", TENANT) as example:
            example.deploy({KEYS: f"jwks={issuer.jwks!r}"})
            yield mesh
    finally:
        script.unlink()


def asked(mesh, path="/visits", *, shown=True, headers=None):
    """Ask the tenant's gateway from outside, with or without its client's certificate."""
    own = mesh.credential(TENANT, "office")
    request = Request(
        path=path, host=HOST, sni=HOST, ca=own.ca, credential=own if shown else None, headers=headers or {}
    )
    address = (mesh.lab.node_address, mesh.node_port(TENANT, "https"))
    return request.send(lambda: socket.create_connection(address, request.timeout))


def counted(mesh, key):
    """What redis itself has under a key, asked from within its pod."""
    namespace = mesh.lab.namespace(mesh.app(TENANT, "redis"))
    with past(namespace, "127.0.0.1", PORT, 10) as plain, plain.makefile("rwb") as stream:
        found = legacy.ask(stream, "GET", key)
    return 0 if found == NOTHING else int(found)


def said(opened: Callable[[], socket.socket]):
    """What redis answers over a new connection, or "refused" where it is closed before redis has seen anything."""
    try:
        with opened() as plain, plain.makefile("rwb") as stream:
            return legacy.ask(stream, "PING")
    except OSError:
        return "refused"


def from_pod(mesh, app, address):
    """As the App's program would: by its sidecar."""
    namespace = mesh.lab.namespace(mesh.app(TENANT, app))
    return said(lambda: connect(namespace, address, PORT, timeout=10))


def test_without_the_clients_certificate_the_handshake_is_refused(retrofit):
    with pytest.raises(RefusedError, match="CERTIFICATE_REQUIRED"):
        asked(retrofit, shown=False)


def test_without_a_token_nothing_gets_to_the_service(retrofit, issuer):
    before = counted(retrofit, "/none")
    stranger = Issuer(name=issuer.name, audience=issuer.audience)
    assert asked(retrofit, "/none").status == 403
    assert asked(retrofit, "/none", headers=bearing(stranger.token())).status == 401
    assert asked(retrofit, "/none", headers=bearing(issuer.token(seconds=-600))).status == 401
    assert counted(retrofit, "/none") == before


def test_with_a_token_the_service_counts_in_redis(retrofit, issuer):
    before = counted(retrofit, "/visits")
    answers = [asked(retrofit, headers=bearing(issuer.token())) for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 200]
    assert [int(one.text) for one in answers] == [before + 1, before + 2, before + 3]
    assert counted(retrofit, "/visits") == before + 3


def test_redis_is_called_over_mutual_tls_by_the_identity_of_the_service(retrofit, issuer):
    redis = retrofit.app(TENANT, "redis")
    assert asked(retrofit, headers=bearing(issuer.token())).status == 200
    retrofit.eventually(lambda: "inbound|6379||" in retrofit.proxy_log(redis), 60)
    lines = [one for one in retrofit.proxy_log(redis).splitlines() if "inbound|6379||" in one]
    names = "source=spiffe://cluster.local/ns/archive/sa/ledger served_by=spiffe://cluster.local/ns/archive/sa/redis"
    assert all(one.endswith(names) for one in lines), lines


def test_redis_is_called_by_nobody_else_of_the_tenant(retrofit):
    """Who has the right name beside it is refused by the policy alone, as is seen while that looks elsewhere."""
    address = retrofit.address("redis", TENANT)
    assert from_pod(retrofit, "ledger", address) == "PONG"
    assert from_pod(retrofit, "reports", address) == "refused"
    path = "/apis/security.istio.io/v1/namespaces/archive/authorizationpolicies/callers--redis"
    found = retrofit.lab.api.get(path)
    found["spec"]["rules"][0]["to"] = [{"operation": {"ports": ["1"]}}]
    bare = {"metadata": {"name": "callers--redis", "namespace": TENANT}, "spec": found["spec"]}
    with retrofit.changed({"apiVersion": found["apiVersion"], "kind": found["kind"], **bare}):
        assert from_pod(retrofit, "reports", address) == "PONG"
    assert from_pod(retrofit, "reports", address) == "refused"


def test_plain_text_to_redis_is_refused_even_from_the_services_own_pod(retrofit):
    """Its connections are mutual TLS by its sidecar only; past that, the name that it has is not shown."""
    pod = retrofit.app(TENANT, "redis")["status"]["podIP"]
    namespace = retrofit.lab.namespace(retrofit.app(TENANT, "ledger"))
    assert within(namespace, lambda: said(lambda: past(namespace, pod, PORT, 10))) == "refused"


def test_nobody_outside_the_tenant_gets_as_far_as_redis(retrofit):
    pod, service = retrofit.app(TENANT, "redis")["status"]["podIP"], retrofit.address("redis", TENANT)
    for stranger in (retrofit.app("tenant1", "productpage"), retrofit.gateway("tenant2")):
        assert {reach(retrofit, stranger, address, PORT) for address in (pod, service)} == {"blocked"}
        namespace = retrofit.lab.namespace(stranger)
        for address in (pod, service):
            assert said(lambda at=address, n=namespace: connect(n, at, PORT, timeout=10)) == "refused"
    with host_outside(retrofit, "203.0.113.30", 443) as outside:
        assert reach_from(outside, pod, PORT) == "blocked"
