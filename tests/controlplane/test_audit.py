"""The audit policy on a real API server: who changed what in which tenant's namespace, and no content of a Secret."""

import http.client
import json
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.cluster import Cluster
from tenantmesh.cluster.processes import find
from tenantmesh.plan.telemetry.auditing import audit_policy
from tenantmesh.plan.tenant import plan_tenant

_LIFE = "600"
"""Seconds after which the server ends by itself, whatever becomes of the test."""
_READY_WITHIN = 120.0
ADMIN, DEVELOPER = "tenantmesh-admin", "developer@example.com"
HIDDEN = "bm8gYnVzaW5lc3Mgb2YgdGhlIGxvZw=="


@dataclass(frozen=True, kw_only=True)
class Audited:
    """A second API server of the cluster, with the policy."""

    port: int
    tls: Mapping[str, ssl.SSLContext]
    log: Path

    def ask(self, method: str, path: str, body: object = None, user: str = ADMIN) -> int:
        """The status of a request by the administrator or another user."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.tls[user])
        try:
            headers = {"Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def events(self, namespace: str) -> list[tuple[str, str, str, int]]:
        """User, verb, resource and status of what is in the log of a namespace."""
        found = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [
            (event["user"]["username"], event["verb"], event["objectRef"]["resource"], event["responseStatus"]["code"])
            for event in found
            if event.get("objectRef", {}).get("namespace") == namespace
        ]


@pytest.fixture(scope="module")
def audited(cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    (folder / "policy.yaml").write_text(json.dumps(audit_policy()))
    (server,) = [one for one in find(cluster.folder) if one.component == "kube-apiserver"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = {
        "secure-port": port,
        "audit-policy-file": folder / "policy.yaml",
        "audit-log-path": folder / "audit.log",
        "audit-log-mode": "blocking",
    }
    kept = [one for one in server.command if not one.startswith("--secure-port=")]
    command = ["timeout", _LIFE, *kept, *(f"--{name}={value}" for name, value in flags.items())]
    (folder / "audit.log").touch()
    pair = cluster.client_certificate(DEVELOPER)
    (folder / "user.crt").write_bytes(pair.certificate)
    (folder / "user.key").write_bytes(pair.key)
    with (folder / "server.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, env={}) as process:
        try:
            tls = {ADMIN: _client(cluster, cluster.layout.pki / "admin"), DEVELOPER: _client(cluster, folder / "user")}
            found = Audited(port=port, tls=tls, log=folder / "audit.log")
            _wait(found, process, folder / "server.log")
            yield found
        finally:
            process.terminate()
            process.wait(60)


def _client(cluster: Cluster, name: Path) -> ssl.SSLContext:
    tls = ssl.create_default_context(cafile=str(cluster.layout.pki / "ca.crt"))
    tls.load_cert_chain(name.with_suffix(".crt"), name.with_suffix(".key"))
    return tls


def _wait(server: Audited, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            if server.ask("GET", "/readyz") == 200:
                return
        time.sleep(0.5)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def namespace(cluster, audited):
    """A tenant's, with one developer whose rights the server knows of, and nothing else of the tenant."""
    name = f"audited-{uuid.uuid4().hex[:8]}"
    api = cluster.api()
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{name}"
    places = {"Namespace": "/api/v1/namespaces", "Role": f"{rbac}/roles", "RoleBinding": f"{rbac}/rolebindings"}
    planned = plan_tenant(parse_tenant(name, {"access": [{"role": "developer", "users": [DEVELOPER]}]}))
    for kind, path in places.items():
        for body in [one for one in planned if one["kind"] == kind]:
            api.request("POST", path, body).json()
    # A server hears a moment later of what another one stored.
    deadline = time.monotonic() + _READY_WITHIN
    while audited.ask("GET", f"/api/v1/namespaces/{name}/services", user=DEVELOPER) != 200:
        assert time.monotonic() < deadline, "the server does not hear of the developer's rights"
        time.sleep(0.1)
    yield name
    api.request("DELETE", f"/api/v1/namespaces/{name}")


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_a_change_is_in_the_log_with_its_user_and_its_tenant_and_a_look_is_not(audited, namespace):
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    assert audited.ask("POST", path, config_map("colours", a=HIDDEN), DEVELOPER) == 201
    assert audited.ask("GET", f"/api/v1/namespaces/{namespace}/pods", user=DEVELOPER) == 200
    assert audited.ask("DELETE", f"{path}/colours", user=DEVELOPER) == 200
    found = audited.events(namespace)
    assert (DEVELOPER, "create", "configmaps", 201) in found
    assert (DEVELOPER, "delete", "configmaps", 200) in found
    assert not [one for one in found if one[2] == "pods"]


def test_what_was_refused_is_in_the_log_too(audited, namespace):
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles"
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "more"}, "rules": []}
    assert audited.ask("POST", path, role, DEVELOPER) == 403
    assert (DEVELOPER, "create", "roles", 403) in audited.events(namespace)


def test_a_look_at_a_secret_is_in_the_log_and_its_content_is_not(audited, namespace):
    path = f"/api/v1/namespaces/{namespace}/secrets"
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pin"}, "data": {"pin": HIDDEN}}
    assert audited.ask("POST", path, secret) == 201
    assert audited.ask("GET", f"{path}/pin") == 200
    assert audited.ask("GET", f"{path}/pin", user=DEVELOPER) == 403
    found = audited.events(namespace)
    assert [status for user, verb, resource, status in found if (resource, verb) == ("secrets", "get")] == [200, 403]
    assert (DEVELOPER, "get", "secrets", 403) in found
    assert HIDDEN not in audited.log.read_text()


def test_a_change_that_is_no_secret_is_there_with_what_was_sent(audited, namespace):
    path = f"/api/v1/namespaces/{namespace}/services"
    service = {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}], "selector": {"app": "seen-in-the-log"}}}
    assert audited.ask("POST", path, {"apiVersion": "v1", "kind": "Service", **service}, DEVELOPER) == 201
    assert "seen-in-the-log" in audited.log.read_text()
