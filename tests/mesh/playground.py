"""Four namespaces with two workloads each, between which nothing is shut but by what a test adds."""

import http
import ipaddress
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tenantmesh.lab import is_ready
from tests.mesh.driving import Body, Mesh

NAMESPACES = ("app", "app--b", "shop", "other")
PORTS = {8080: "http-a", 8443: "tcp-b", 9090: "c"}
"""One port is declared HTTP, one TCP, and of one a proxy has to find out."""
DECLARED, OPAQUE, UNDECLARED = PORTS
LABELS = {"web": {"app": "web"}, "db": {"app": "db", "tier": "x"}}
ACCOUNTS = {
    ("app", "web"): "web",
    ("app--b", "web"): "web-admin",
    ("shop", "web"): "web",
    ("other", "db"): "web",
}
"""All others have `default`."""
_SECURITY = "/apis/security.istio.io/v1"
_PLURALS = {
    "AuthorizationPolicy": "authorizationpolicies",
    "PeerAuthentication": "peerauthentications",
    "RequestAuthentication": "requestauthentications",
}
_PARALLEL = 6


@dataclass(frozen=True)
class Playground:
    """The namespaces in a lab, while they are there."""

    mesh: Mesh

    @cached_property
    def members(self) -> tuple[Body, ...]:
        """The pods with a sidecar."""
        return tuple(self.mesh.lab.api.get(_pod(space, name)) for space in NAMESPACES for name in LABELS)

    def member(self, space: str, name: str) -> Body:
        """One of them."""
        return self.members[NAMESPACES.index(space) * len(LABELS) + list(LABELS).index(name)]

    @cached_property
    def stranger(self) -> Body:
        """A pod without a sidecar."""
        return self.mesh.lab.api.get(_pod("shop", "old"))

    @cached_property
    def addresses(self) -> Mapping[tuple[str, str], str]:
        """Of the Service in front of each member, by namespace and name."""
        return {(space, name): self.mesh.address(name, space) for space in NAMESPACES for name in LABELS}

    def replace(self, old: Iterable[Body], new: Iterable[Body]) -> None:
        """Take security objects away, and bring others of other names."""
        with ThreadPoolExecutor(_PARALLEL) as pool:
            list(pool.map(self._remove, old))
            list(pool.map(self._make, new))
        self.mesh.settle()

    def _remove(self, body: Body) -> None:
        self.mesh.lab.api.request("DELETE", f"{_folder(body)}/{body['metadata']['name']}").json()

    def _make(self, body: Body) -> None:
        self.mesh.lab.api.request("POST", _folder(body), body).json()


@contextmanager
def playground(mesh: Mesh) -> Generator[Playground]:
    """Make it, and remove it again with all that tests put into it."""
    try:
        mesh.apply(*_around())
        mesh.apply(*_pods())
        mesh.eventually(lambda: _are_ready(mesh), 180)
        mesh.settle()
        yield Playground(mesh)
    finally:
        for space in NAMESPACES:
            mesh.lab.api.request("DELETE", f"/api/v1/namespaces/{space}")
        mesh.eventually(lambda: not any(_is_there(mesh, space) for space in NAMESPACES), 180)
        mesh.settle()


def block(address: str, bits: int) -> str:
    """The block of addresses of which an address is one."""
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _pod(space: str, name: str) -> str:
    return f"/api/v1/namespaces/{space}/pods/{name}"


def _folder(body: Body) -> str:
    return f"{_SECURITY}/namespaces/{body['metadata']['namespace']}/{_PLURALS[body['kind']]}"


def _is_there(mesh: Mesh, space: str) -> bool:
    return mesh.lab.api.request("GET", f"/api/v1/namespaces/{space}").status == http.HTTPStatus.OK


def _are_ready(mesh: Mesh) -> bool:
    pods = [one for space in NAMESPACES for one in mesh.lab.pods(space)]
    return len(pods) == len(NAMESPACES) * len(LABELS) + 1 and all(map(is_ready, pods))


def _around() -> list[Body]:
    found: list[Body] = []
    for space in NAMESPACES:
        labels = {"istio-injection": "enabled", "tenantmesh.dev/tenant": space}
        found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space, "labels": labels}})
    for space in NAMESPACES:
        found += [made("v1", "ServiceAccount", space, name) for name in ("web", "web-admin")]
        found += [_service(space, name) for name in LABELS]
        scope = {"egress": [{"hosts": ["*/*"]}]}
        found.append(made("networking.istio.io/v1", "Sidecar", space, "open", spec=scope))
        # A policy does not end connections that are open when it comes: so none is kept.
        pool = {"http": {"maxRequestsPerConnection": 1}}
        rule = {"host": "*.local", "trafficPolicy": {"connectionPool": pool}}
        found.append(made("networking.istio.io/v1", "DestinationRule", space, "single", spec=rule))
    return found


def _service(space: str, name: str) -> Body:
    ports = [{"name": text, "port": number} for number, text in PORTS.items()]
    body = made("v1", "Service", space, name, spec={"selector": LABELS[name], "ports": ports})
    body["metadata"]["annotations"] = {"networking.istio.io/exportTo": "*"}
    return body


def _pods() -> list[Body]:
    found = [_runs(space, name, LABELS[name]) for space in NAMESPACES for name in LABELS]
    return [*found, _runs("shop", "old", {"sidecar.istio.io/inject": "false"})]


def _runs(space: str, name: str, labels: Mapping[str, str]) -> Body:
    ports: Sequence[Any] = [{"containerPort": number} for number in PORTS]
    container = {"name": "main", "image": f"docker.io/tests/{name}:1", "ports": ports}
    account = ACCOUNTS.get((space, name), "default")
    body = made("v1", "Pod", space, name, spec={"containers": [container], "serviceAccountName": account})
    body["metadata"]["labels"] = dict(labels)
    return body


def made(version: str, kind: str, space: str, name: str, **fields: Any) -> Body:
    """An object of a namespace."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": space}, **fields}
