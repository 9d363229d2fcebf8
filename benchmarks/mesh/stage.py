"""The lab that is measured: the dev stack, tokens asked for at one gateway, echoes with and without a sidecar."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.lab import Stack, down, up
from tenantmesh.plan.tenant import plan_app
from tests.conftest import LAB
from tests.mesh.crowd import Crowd
from tests.mesh.driving import DOMAIN, Body, Mesh
from tests.mesh.tokens import Issuer, asking_for, put_on

TOKENS, NO_TOKENS = "tenant1", "tenant2"
"""The tenant whose gateway asks for tokens, and the one whose gateway does not."""
PLAIN, SIDECAR = "plain", "echo"
"""Apps that answer at once, without and with a sidecar; each is at the path of its name."""
PORT = 8080
_ROOT = Path(__file__).parents[2]
_INJECT = "sidecar.istio.io/inject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running lab on which the Apps that are measured are ready."""

    mesh: Mesh
    issuer: Issuer

    def pod(self, tenant: str, app: str) -> Body:
        """The pod of one of the Apps that are measured."""
        return self.mesh.pod(tenant, f"app={app}")

    def enter(self) -> tuple[str, ...]:
        """What to write before a command that runs on the node, from where every pod may be asked."""
        return ("ip", "netns", "exec", self.mesh.lab.node)


@contextmanager
def running() -> Generator[Mesh]:
    """A lab of its own, or the one that TENANTMESH_TEST_LAB names, which keeps running."""
    kept = os.environ.get(LAB)
    folder = Path(kept or tempfile.mkdtemp(prefix="tenantmesh-bench-"))
    try:
        lab = up(Stack(program=_ROOT), folder)
        with tempfile.TemporaryDirectory(prefix="tenantmesh-clients-") as files:
            yield Mesh(lab=lab, folder=Path(files))
    finally:
        if not kept:
            down(folder)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def staged(mesh: Mesh) -> Generator[Stage]:
    """The Apps and the issuer while the block lasts."""
    issuer = Issuer(name=f"https://id.{TOKENS}.{DOMAIN}", audience="books")
    bodies = [*echoes(TOKENS), *echoes(NO_TOKENS)]
    asked = asking_for(TOKENS, {"issuer": issuer.name, "audiences": [issuer.audience], "jwks": issuer.jwks})
    crowd = Crowd(mesh=mesh)
    try:
        crowd.apply(bodies)
        mesh.lab.wait("the Apps that are measured", lambda: mesh.lab.are_ready(TOKENS, NO_TOKENS))
        with put_on(mesh, *asked):
            yield Stage(mesh=mesh, issuer=issuer)
    finally:
        for body in bodies:
            mesh.lab.api.request("DELETE", crowd.path(body))
        mesh.settle()


def echoes(tenant: str) -> list[Body]:
    """Both Apps of a tenant, as the library plans them; one says that it wants no sidecar."""
    ingress: Any = {"client_tls": "mutual"}
    host = f"{tenant}.{DOMAIN}"
    parsed = parse_tenant(tenant, {"domain": host, "ingress": ingress})
    found: list[Body] = []
    for name in (PLAIN, SIDECAR):
        args: Any = {
            "tenant": tenant,
            "versions": [{"name": "v1", "image": f"docker.io/benchmarks/{name}:1"}],
            "ports": [{"port": PORT}],
            "replicas": {"minimum": 1},
            "routes": [{"host": host, "paths": [f"/{name}"]}],
        }
        found += [dict(body) for body in plan_app(parse_app(name, args, parsed), parsed)]
    return [_without_sidecar(body) if _is_deployment(body, PLAIN) else body for body in found]


def _is_deployment(body: Body, name: str) -> bool:
    return body["kind"] == "Deployment" and body["metadata"]["name"] == name


def _without_sidecar(body: Body) -> Body:
    spec = body["spec"]
    metadata = spec["template"]["metadata"]
    labelled = {**metadata, "labels": {**metadata["labels"], _INJECT: "false"}}
    return {**body, "spec": {**spec, "template": {**spec["template"], "metadata": labelled}}}
