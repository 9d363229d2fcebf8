"""Many tenants beside those of the stack, as the library plans them: everything that a mesh reads, and no pods."""

import http
import json
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.plan.tenant import plan_app, plan_tenant
from tests.mesh.driving import Body, Mesh

DOMAIN = "example.com"
SERVICES = ("details", "ratings", "reviews", "productpage")
_PORT = 9080
_READ = ("networking.istio.io", "security.istio.io", "telemetry.istio.io")
"""What istiod reads, beside namespaces and Services."""
_EXPORT_TO = "networking.istio.io/exportTo"
_PARALLEL = 6
_DEADLINE = 300.0
_PASSING = ("draining_state", "last_updated", "version_info")


def names(count: int) -> list[str]:
    """Names of so many tenants, all of one length."""
    return [f"crowd{index:03}" for index in range(count)]


def objects(name: str) -> list[Body]:
    """A tenant with an ingress gateway and bookinfo: its namespace first, then what proxies could be told of."""
    domain = f"{name}.{DOMAIN}"
    ingress = {"client_tls": "mutual", "certificates": {"secret_name": "brought"}, "service": {"type": "ClusterIP"}}
    tenant = parse_tenant(name, {"domain": domain, "ingress": ingress})
    planned = [*plan_tenant(tenant)]
    for service in SERVICES:
        planned += plan_app(parse_app(service, _app(name, service, domain), tenant), tenant)
    read = [dict(body) for body in planned if body["kind"] in ("Namespace", "Service") or _is_read(body)]
    return sorted(read, key=lambda body: body["kind"] != "Namespace")


def _app(tenant: str, service: str, host: str) -> dict[str, Any]:
    routes = [{"host": host, "paths": ["/productpage", "/static"]}] if service == "productpage" else []
    versions = [{"name": "v1", "image": "none"}]
    traffic = {"outlier_detection": {}}
    return {"tenant": tenant, "versions": versions, "ports": [{"port": _PORT}], "routes": routes, "traffic": traffic}


def _is_read(body: Body) -> bool:
    return body["apiVersion"].partition("/")[0] in _READ


def exported(body: Body) -> Body:
    """The same seen by every namespace, as it is in a mesh that restricts nothing."""
    if body["kind"] == "Service":
        metadata = body["metadata"]
        return {**body, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), _EXPORT_TO: "*"}}}
    if "exportTo" in body.get("spec", {}):
        return {**body, "spec": {**body["spec"], "exportTo": ["*"]}}
    return body


def wide_open(namespace: str, app: str) -> Body:
    """A Sidecar by which one App of a namespace asks for everything that is exported to it, as without any Sidecar."""
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Sidecar",
        "metadata": {"name": "wide-open", "namespace": namespace},
        "spec": {"workloadSelector": {"labels": {"app": app}}, "egress": [{"hosts": ["*/*"]}]},
    }


@dataclass(kw_only=True)
class Crowd:
    """The tenants that are there so far."""

    mesh: Mesh
    change: Callable[[Body], Body] = exported
    """What becomes of an object before it is applied."""
    count: int = 0
    _plurals: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def grow(self, count: int) -> None:
        """Have `count` tenants there, and wait until the proxies know."""
        added = [self.change(body) for name in names(count)[self.count :] for body in objects(name)]
        self.count = max(count, self.count)
        self.apply(body for body in added if body["kind"] == "Namespace")
        self.apply(body for body in added if body["kind"] != "Namespace")
        self.mesh.settle(_DEADLINE)

    def apply(self, bodies: Iterable[Body]) -> None:
        """Bring many objects, a few at a time."""
        wanted = [(self.path(body), body) for body in bodies]
        with ThreadPoolExecutor(_PARALLEL) as pool:
            list(pool.map(lambda pair: self.mesh.lab.api.apply(*pair), wanted))

    def path(self, body: Body) -> str:
        """Where the API server has an object."""
        version, metadata = body["apiVersion"], body["metadata"]
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if base not in self._plurals:
            found = self.mesh.lab.api.get(base)["resources"]
            self._plurals[base] = {one["kind"]: one["name"] for one in found if "/" not in one["name"]}
        where = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        return f"{base}{where}/{self._plurals[base][body['kind']]}/{metadata['name']}"

    def leave(self) -> None:
        """Delete all of them, and wait until nothing is left."""
        spaces = [f"/api/v1/namespaces/{name}" for name in names(self.count)]
        for space in spaces:
            self.mesh.lab.api.request("DELETE", space)
        gone = http.HTTPStatus.NOT_FOUND
        for space in spaces:
            self.mesh.eventually(lambda space=space: self.mesh.lab.api.request("GET", space).status == gone, _DEADLINE)
        self.mesh.settle(_DEADLINE)


@contextmanager
def crowd(mesh: Mesh, change: Callable[[Body], Body] = exported) -> Generator[Crowd]:
    """Nobody yet; whoever comes is gone when the block ends."""
    found = Crowd(mesh=mesh, change=change)
    try:
        yield found
    finally:
        found.leave()


def settings(mesh: Mesh, pod: Body) -> str:
    """A proxy's whole configuration, without what tells when it came and what is only finishing."""
    return json.dumps(_lasting(mesh.config_dump(pod)), sort_keys=True)


def _lasting(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _lasting(value) for name, value in tree.items() if name not in _PASSING}
    return [_lasting(value) for value in tree] if isinstance(tree, list) else tree
