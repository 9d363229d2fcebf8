"""The examples in the lab: all as one stack beside the one that is there, and what is asked of them."""

import ast
import base64
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tenantmesh.lab import Stack
from tests.mesh.asking import Answer, RefusedError, Request
from tests.mesh.collecting import monitoring
from tests.mesh.driving import Body, Mesh

FOLDER = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/Pulumi.yaml"))
_PATIENCE = 300.0
_MAIN = '''"""The examples that run in the lab, in the mesh that is there already."""

import runpy
from pathlib import Path

import tenantmesh as tm
from tenantmesh.args.parse import parse_mesh
from tenantmesh.components.program import current_program

current_program().add_mesh("mesh", parse_mesh(tm.MeshArgs(domain="example.com")))
for path in sorted(Path(__file__).parent.glob("*/__main__.py")):
    runpy.run_path(str(path))
for tenant in {callers}:
    tm.App(
        f"{{tenant}}/caller",
        tm.AppArgs(tenant=tenant, image="registry.example.com/caller:1", ports=[tm.PortArgs(port=8080)]),
    )
'''

_ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_CERTIFICATES: Body = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "certificates.cert-manager.io"},
    "spec": {
        "group": "cert-manager.io",
        "scope": "Namespaced",
        "names": {"kind": "Certificate", "plural": "certificates", "singular": "certificate"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": _ANY}}],
    },
}
"""cert-manager's kind, without cert-manager: the tests do what it would."""


@dataclass(frozen=True, kw_only=True)
class Exhibits:
    """The examples as they run in a lab."""

    mesh: Mesh
    rejected: float
    """How many configurations had been rejected before."""

    def ask(self, host: str, path: str = "/", *, client: str = "", **request: Any) -> Any:
        """What the gateway of the tenant that `host` names answers from outside: its answer, or why there is none.

        `client` is one of the clients that the tenant declares; without one no certificate is shown. `ca` is what the
        tenant's gateway has from its own chain, unless it is given.
        """
        tenant = host.split(".")[-3]
        credential = self.mesh.credential(tenant, client) if client else None
        ca = request.pop("ca", None) or self.authority(tenant)
        sent = Request(path=path, host=host, sni=host, ca=ca, credential=credential, **request)
        address = (self.mesh.lab.node_address, self.port(tenant))
        return _answered(lambda: sent.send(lambda: socket.create_connection(address, sent.timeout)))

    def ask_inside(self, tenant: str, app: str, url: str, **request: Any) -> Any:
        """What an App of a tenant answers a request from within a pod of an App."""
        pod = self.mesh.lab.pods(tenant, f"app={app}")[0]
        return _answered(lambda: self.mesh.ask_inside(pod, url, **request))

    def get(self, path: str) -> Body:
        """An object of the lab's API server."""
        return self.mesh.lab.api.get(path)

    def authority(self, tenant: str) -> Path:
        """What signed the certificate of the tenant's gateway, as a file."""
        secret = self.get(f"/api/v1/namespaces/{self._home(tenant)}/secrets/{tenant}-ingress-tls")
        file = self.mesh.folder / f"{tenant}.chain.crt"
        file.write_bytes(base64.b64decode(secret["data"]["tls.crt"]))
        return file

    def brought(self, tenant: str) -> Path:
        """The CA that a tenant's own certificate was brought from."""
        return self.mesh.folder / tenant / "ca.crt"

    def port(self, tenant: str) -> int:
        """The node port of HTTPS of the tenant's gateway."""
        service = self.get(f"/api/v1/namespaces/{self._home(tenant)}/services/{tenant}-ingress")
        return next(one["nodePort"] for one in service["spec"]["ports"] if one["name"] == "https")

    def _home(self, tenant: str) -> str:
        """The namespace of its ingress gateway."""
        selector = f"tenantmesh.dev%2Ftenant%3D{tenant},istio%3D{tenant}-ingress"
        (found,) = {pod["metadata"]["namespace"] for pod in self.get(f"/api/v1/pods?labelSelector={selector}")["items"]}
        return found


def _answered(send: Callable[[], Answer]) -> Answer | str:
    try:
        return send()
    except RefusedError as refused:
        return refused.reason


@contextmanager
def exhibited(mesh: Mesh, left_out: set[str], callers: tuple[str, ...]) -> Generator[Exhibits]:
    """All examples but those left out, while the block lasts; each of `callers` is a tenant with an App to ask from."""
    program = mesh.folder / "examples"
    _write(program, [name for name in NAMES if name not in left_out], callers)
    stack, before = Stack(program=program), mesh.rejects()
    with monitoring(mesh), _labelled(mesh, "pool", "edge"), mesh.applied(_CERTIFICATES):
        try:
            stack.deploy(mesh.lab.layout)
            _bring_certificates(mesh)
            mesh.lab.wait("the examples' pods", lambda: mesh.lab.are_ready(*_namespaces(mesh)), timeout=_PATIENCE)
            mesh.settle(_PATIENCE)
            yield Exhibits(mesh=mesh, rejected=before)
        finally:
            (program / "__main__.py").write_text('"""Nothing."""\n')
            stack.deploy(mesh.lab.layout)
            mesh.settle(_PATIENCE)


def _write(program: Path, names: list[str], callers: tuple[str, ...]) -> None:
    """One program of the examples, with the defaults of their configuration, in the mesh that is there."""
    config: dict[str, Any] = {}
    for name in names:
        (program / name).mkdir(parents=True)
        (program / name / "__main__.py").write_text(as_guest(name))
        settings = yaml.safe_load((FOLDER / name / "Pulumi.yaml").read_text()).get("config", {})
        config |= {f"examples:{key}": setting["default"] for key, setting in settings.items() if "default" in setting}
    (program / "__main__.py").write_text(_MAIN.format(callers=callers))
    (program / "Pulumi.yaml").write_text("name: examples\nruntime: python\n")
    (program / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))


def as_guest(example: str) -> str:
    """An example's program without its Mesh: a cluster has one, which is the dev stack's here."""
    text = (FOLDER / example / "__main__.py").read_text()
    lines = text.splitlines()
    for one in reversed(ast.parse(text).body):
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and ast.unparse(one.value.func) == "tm.Mesh":
            del lines[one.lineno - 1 : one.end_lineno]
    return "\n".join(lines) + "\n"


@contextmanager
def _labelled(mesh: Mesh, name: str, value: str) -> Generator[None]:
    """The lab's node with a label, as an example wants one for its gateway."""
    (node,) = mesh.lab.api.get("/api/v1/nodes")["items"]
    path, bare = f"/api/v1/nodes/{node['metadata']['name']}", {"apiVersion": "v1", "kind": "Node"}
    mesh.lab.api.apply(path, {**bare, "metadata": {"labels": {name: value}}})
    try:
        yield
    finally:
        mesh.lab.api.apply(path, {**bare, "metadata": {"labels": {}}})


def _bring_certificates(mesh: Mesh) -> None:
    """Those that users of the examples have, and the one that cert-manager would make of a Certificate."""
    path = "/apis/cert-manager.io/v1/namespaces/press/certificates/press-ingress"
    asked = mesh.lab.api.get(path)["spec"]
    brought = {
        ("harbor", "partners-tls"): ["queue.harbor.example.com"],
        ("bank", "bank-example-com"): ["bank.example.com"],
        ("press", asked["secretName"]): asked["dnsNames"],
    }
    for (namespace, name), hosts in brought.items():
        body = _secret(mesh.folder / namespace, namespace, name, tuple(hosts))
        mesh.lab.api.apply(f"/api/v1/namespaces/{namespace}/secrets/{name}", body)


def _secret(folder: Path, namespace: str, name: str, hosts: tuple[str, ...]) -> Body:
    """A server's certificate of an authority of its own, which is left in the folder."""
    pair = Authority(folder, Circle.CLUSTER).issue(Subject(user=namespace, hosts=hosts))
    files = {"tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": (folder / "ca.crt").read_bytes()}
    data = {file: base64.b64encode(content).decode() for file, content in files.items()}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}


def _namespaces(mesh: Mesh) -> list[str]:
    found = mesh.lab.api.get("/api/v1/namespaces?labelSelector=tenantmesh.dev/tenant")["items"]
    return [one["metadata"]["name"] for one in found]
