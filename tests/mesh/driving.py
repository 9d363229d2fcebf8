"""What tests do with the lab: ask through gateways and from pods, look into proxies, change what is deployed."""

import base64
import json
import re
import shutil
import socket
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tenantmesh.cluster.api import FIELD_MANAGER
from tenantmesh.lab import Lab, Stack
from tenantmesh.lab.containers import PROXY
from tenantmesh.lab.namespaces import connect
from tests.mesh.asking import TIMEOUT, Answer, Credential, Request

ROOT = Path(__file__).parents[2]
DOMAIN = "example.com"
_ADMIN, _DEBUG, _METRICS = 15000, 8080, 15014
_QUIET = 0.4

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """A running lab with the dev stack, and a folder for the files of its clients."""

    lab: Lab
    folder: Path

    # Asking

    def ask(self, tenant: str, path: str = "/productpage", **request: Any) -> Answer:
        """Ask the HTTPS port of a tenant's ingress gateway from outside, as TENANT.example.com with its client demo.

        `request` replaces any field of Request: host, sni, credential (None for none), method, headers, body.
        """
        host = f"{tenant}.{DOMAIN}"
        own = self.credential(tenant)
        given = {"host": host, "sni": request.get("host", host), "ca": own.ca, "credential": own, **request}
        given.setdefault("verdict", 0.5 if "credential" in request else 0)
        sent = Request(path=path, **given)
        address = (self.lab.node_address, self.node_port(tenant, "https"))
        return sent.send(lambda: self._from_host(address, sent.timeout))

    def ask_plain(self, tenant: str, path: str = "/", **request: Any) -> Answer:
        """Ask the plain HTTP port of a tenant's ingress gateway from outside."""
        sent = Request(path=path, **{"host": f"{tenant}.{DOMAIN}", **request})
        address = (self.lab.node_address, self.node_port(tenant, "http"))
        return sent.send(lambda: self._from_host(address, sent.timeout))

    def ask_inside(self, pod: Body, url: str, **request: Any) -> Answer:
        """Ask `http://service[.namespace]:port/path` from within a pod, as its application would: by its sidecar."""
        parts = urllib.parse.urlsplit(url)
        namespace, address = self.lab.namespace(pod), self.address(parts.hostname or "", pod["metadata"]["namespace"])
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        sent = Request(path=target, **{"host": parts.netloc, **request})
        return sent.send(lambda: connect(namespace, address, parts.port or 80, timeout=sent.timeout))

    def credential(self, tenant: str, client: str = "demo") -> Credential:
        """The certificate of one of the tenant's declared clients, and the CA of its gateway, as files."""
        folder = self.folder / f"{tenant}-{client}"
        folder.mkdir(exist_ok=True)
        secret = self.lab.api.get(f"/api/v1/namespaces/{tenant}/secrets/{tenant}--client--{client}")
        for name, text in secret["data"].items():
            (folder / name).write_bytes(base64.b64decode(text))
        return Credential(certificate=folder / "tls.crt", key=folder / "tls.key", ca=folder / "ca.crt")

    def node_port(self, tenant: str, port: str) -> int:
        """The node port of the tenant's ingress gateway with that name (http, https)."""
        service = self.lab.api.get(f"/api/v1/namespaces/{tenant}/services/{tenant}-ingress")
        return next(one["nodePort"] for one in service["spec"]["ports"] if one["name"] == port)

    def address(self, host: str, namespace: str) -> str:
        """What a name of a Service means in a namespace; an address means itself."""
        if re.fullmatch(r"[\d.]+", host):
            return host
        name, _, rest = host.partition(".")
        where = rest.split(".")[0] or namespace
        return self.lab.api.get(f"/api/v1/namespaces/{where}/services/{name}")["spec"]["clusterIP"]

    # Looking

    def pod(self, namespace: str, selector: str) -> Body:
        """The one pod of a namespace with these labels, as `app=productpage` or `istio=tenant1-ingress`."""
        found = self.lab.pods(namespace, urllib.parse.quote(selector))
        assert len(found) == 1, f"{len(found)} pods match {selector} in {namespace}"
        return found[0]

    def app(self, namespace: str, app: str, version: str = "v1") -> Body:
        """The pod of one version of an App."""
        return self.pod(namespace, f"app={app},version={version}")

    def gateway(self, tenant: str) -> Body:
        """The pod of the tenant's ingress gateway."""
        return self.pod(tenant, f"istio={tenant}-ingress")

    def admin(self, pod: Body, path: str, method: str = "GET") -> str:
        """What Envoy's administration says at a path, in the proxy of a pod."""
        namespace = self.lab.namespace(pod)
        return Request(path=path, method=method).send(lambda: connect(namespace, "127.0.0.1", _ADMIN)).text

    def stats(self, pod: Body, pattern: str) -> dict[str, int]:
        """The counters and gauges of a pod's Envoy whose names match a regular expression."""
        lines = self.admin(pod, f"/stats?filter={urllib.parse.quote(pattern)}&type=All").splitlines()
        pairs = (line.rpartition(": ") for line in lines)
        return {name: int(value) for name, _, value in pairs if value.isdecimal()}

    def config_dump(self, pod: Body) -> Body:
        """The whole configuration of a pod's Envoy."""
        return json.loads(self.admin(pod, "/config_dump?include_eds"))

    def proxy_log(self, pod: Body) -> str:
        """What the pod's proxy printed, access log lines among it."""
        metadata = pod["metadata"]
        return (self.lab.layout.pod(metadata["namespace"], metadata["name"]) / "istio-proxy.log").read_text()

    def metric(self, name: str) -> float:
        """The sum of one of istiod's metrics; 0 for one that it does not show yet."""
        with urllib.request.urlopen(f"http://{self.lab.address}:{_METRICS}/metrics", timeout=TIMEOUT) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}[ {{]", line))

    def rejects(self) -> float:
        """How many configurations proxies have rejected since istiod started."""
        return self.metric("pilot_total_xds_rejects")

    # Changing

    def apply(self, *bodies: Body) -> None:
        """Apply objects of any kind, and wait until the proxies have what follows from them."""
        for body in bodies:
            self.lab.api.apply(self._path(body), body)
        self.settle()

    def remove(self, *bodies: Body) -> None:
        """Delete objects, and wait until the proxies know."""
        for body in bodies:
            self.lab.api.request("DELETE", self._path(body))
        self.settle()

    @contextmanager
    def applied(self, *bodies: Body) -> Generator[None]:
        """Objects that are there while the block lasts; when one is refused, those before it go too."""
        there: list[Body] = []
        try:
            for body in bodies:
                self.lab.api.apply(self._path(body), body)
                there.append(body)
            self.settle()
            yield
        finally:
            self.remove(*there)

    @contextmanager
    def changed(self, *bodies: Body) -> Generator[None]:
        """Objects of the stack as they are given here while the block lasts; then the stack has its fields back."""
        before = [self.lab.api.get(self._path(body)) for body in bodies]
        self.apply(*bodies)
        try:
            yield
        finally:
            for one in before:
                self._give_back(one)
            self.settle()

    def _give_back(self, before: Body) -> None:
        """To whom had them before: the next deployment would find the fields to be somebody else's."""
        managers = (entry["manager"] for entry in before["metadata"]["managedFields"] if entry["operation"] == "Apply")
        manager = next(one for one in managers if one != FIELD_MANAGER)
        path = self._path(before)
        bare = {"apiVersion": before["apiVersion"], "kind": before["kind"]}
        told = {name: before["metadata"].get(name, {}) for name in ("labels", "annotations")}
        named = {name: before["metadata"][name] for name in ("name", "namespace")}
        content = {name: before[name] for name in ("data", "spec", "type") if name in before}
        whole = {**bare, "metadata": {**named, **told}, **content}
        self.lab.api.request("PATCH", f"{path}?fieldManager={manager}&force=true", whole).json()
        self.lab.api.apply(path, {**bare, "metadata": named})

    @contextmanager
    def deployed(self, edit: Callable[[Path], None]) -> Generator[None]:
        """The stack as `edit` changes it, while the block lasts: it gets a copy of Pulumi.yaml and `stacks/`.

        Settings of the Mesh reach istiod too; what proxies start with takes a `restart`.
        """
        stack = self.edited(edit)
        try:
            self.deploy(stack)
            yield
        finally:
            self.deploy(Stack(program=ROOT))

    def edited(self, edit: Callable[[Path], None]) -> Stack:
        """The stack as `edit` changes it, which nobody has deployed yet."""
        program = Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copytree(ROOT / "stacks", program / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "Pulumi.yaml", program)
        edit(program)
        return Stack(program=program)

    def deploy(self, stack: Stack) -> None:
        """Deploy a stack, and wait until its pods are ready and the proxies know."""
        self.lab.deploy(stack)
        self.settle()

    def restart(self, *namespaces: str) -> None:
        """Have all pods of these namespaces made anew, and wait until they are ready."""
        for namespace in namespaces:
            self.lab.api.request("DELETE", f"/api/v1/namespaces/{namespace}/pods").json()
        self.lab.wait("the new pods", lambda: self.lab.are_ready(*namespaces))
        self.reconnect()

    def reconnect(self) -> None:
        """Wait until a new istiod has told the proxies of all pods: they look for it ever more seldom."""
        self.eventually(self._are_connected, 120)
        self.settle()

    def _are_connected(self) -> bool:
        there = [pod["metadata"] for pod in self.lab.all_pods() if _has_proxy(pod)]
        try:
            connected = {name.partition(" ")[0] for name, _, _ in self.sync()}
        except OSError:
            return False  # A new istiod is ready a moment before it tells its state.
        return {f"{one['name']}.{one['namespace']}" for one in there} <= connected

    def settle(self, seconds: float = 30) -> None:
        """Wait until every proxy has acknowledged what istiod sent, and nothing new was sent for 0.4 s."""
        deadline, since, before = time.monotonic() + seconds, time.monotonic(), ""
        while time.monotonic() - since < _QUIET:
            assert time.monotonic() < deadline, f"proxies did not settle within {seconds} s: {before}"
            time.sleep(0.05)
            states = self.sync()
            now = json.dumps(states, sort_keys=True)
            if now != before or any(sent != acked for _, sent, acked in states):
                since, before = time.monotonic(), now

    def sync(self) -> list[tuple[str, str, str]]:
        """What istiod has sent each proxy and what that has acknowledged, by proxy and kind of configuration.

        istiod sends kinds that are empty and waits for nothing then: without an answer they count as acknowledged.
        """
        request = urllib.request.Request(f"http://{self.lab.address}:{_DEBUG}/debug/syncz", headers=self._bearer)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            proxies = json.loads(answer.read())
        return sorted(_states(proxies))

    def eventually(self, holds: Any, seconds: float = 20) -> None:
        """Look until it holds; fail when it never does."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"still not so after {seconds} s"
            time.sleep(0.1)

    @cached_property
    def _bearer(self) -> dict[str, str]:
        """istiod tells its state to service accounts of its own namespace."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["istio-ca"]}}
        path = "/api/v1/namespaces/istio-system/serviceaccounts/istiod/token"
        return {"Authorization": f"Bearer {self.lab.api.request('POST', path, body).json()['status']['token']}"}

    def _path(self, body: Body) -> str:
        version = body["apiVersion"]
        base = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        found = next(one for one in self.lab.api.get(base)["resources"] if one["kind"] == body["kind"])
        where = f"/namespaces/{body['metadata']['namespace']}" if found["namespaced"] else ""
        return f"{base}{where}/{found['name']}/{body['metadata']['name']}"

    @staticmethod
    def _from_host(address: tuple[str, int], timeout: float) -> socket.socket:
        return socket.create_connection(address, timeout)


def _has_proxy(pod: Body) -> bool:
    spec = pod["spec"]
    containers = (*spec["containers"], *spec.get("initContainers", ()))
    return "deletionTimestamp" not in pod["metadata"] and any(one["name"] == PROXY for one in containers)


def _states(proxies: list[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for proxy in proxies:
        for kind, state in proxy.get("resources", {}).items():
            sent = state.get("sent", "")
            yield f"{proxy['proxy']} {kind.rpartition('.')[2]}", sent, state.get("acked", sent)
