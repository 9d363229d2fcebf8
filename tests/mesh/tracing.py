"""A collector of spans in the lab, in a pod of its own namespace: the OTLP receiver of the OpenTelemetry Collector."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import silent
from tenantmesh.cluster.source import find_go, read_source
from tenantmesh.lab.kubelet import NODE
from tenantmesh.lab.namespaces import connect
from tests.mesh.driving import Body, Mesh

NAMESPACE, SERVICE = "tracing", "collector"
PORT, HTTP_PORT = 4317, 4318
"""For OTLP by gRPC and by HTTP."""
LABELS = {"app": SERVICE}
"""As the example `traces` has them."""

_TOOL = Path(__file__).parents[2] / "tools" / "collector"
_PROGRAM = "collector"
_LIFE = "900"
"""Seconds after which it ends by itself, whatever becomes of the test."""
_STANDIN = 9000


@dataclass(frozen=True, kw_only=True)
class Span:
    """One span, and which proxy says it: `service` is `app.namespace`."""

    trace: str
    name: str
    parent: str
    service: str
    tags: dict[str, str]

    @property
    def tenant(self) -> str:
        """Whose it is said to be."""
        return self.tags.get("tenant", "")


@dataclass(kw_only=True)
class Collector:
    """The process, which can be stopped and started, and what has come to it."""

    mesh: Mesh
    program: Path
    network: str
    file: Path
    _process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        """Have it listen."""
        command = ["timeout", _LIFE, "ip", "netns", "exec", self.network, str(self.program)]
        command += ["--grpc", f"0.0.0.0:{PORT}", "--http", f"0.0.0.0:{HTTP_PORT}"]
        with self.file.open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out)
        self.mesh.eventually(self._listens, 60)

    def stop(self) -> None:
        """End it, and with it all connections to it."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    @property
    def address(self) -> str:
        """Its pod's."""
        return _address(self.mesh)

    def spans(self, **tags: str) -> list[Span]:
        """All spans that came until now with these tags; a dot in a name is written as two underscores."""
        wanted = {name.replace("__", "."): value for name, value in tags.items()}
        return [one for one in self._spans() if wanted.items() <= one.tags.items()]

    def trace(self, trace: str) -> list[Span]:
        """The spans of one trace."""
        return [one for one in self._spans() if one.trace == trace]

    def _spans(self) -> Iterator[Span]:
        # A line that is being written has no end yet.
        lines = self.file.read_text().split("\n")[:-1]
        for resource in (one for line in lines for one in json.loads(line)["resourceSpans"]):
            service = _tags(resource["resource"])["service.name"]
            for span in (one for scope in resource["scopeSpans"] for one in scope["spans"]):
                parent = span.get("parentSpanId", "")
                yield Span(trace=span["traceId"], name=span["name"], parent=parent, service=service, tags=_tags(span))

    def _listens(self) -> bool:
        try:
            connect(self.network, "127.0.0.1", PORT).close()
        except OSError:
            return False
        return True


@contextmanager
def collector(mesh: Mesh, folder: Path) -> Iterator[Collector]:
    """One that runs, with its Service, as long as the block lasts."""
    program = build_collector()
    with mesh.applied(_namespace()):
        account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default"
        mesh.eventually(lambda: mesh.lab.api.request("GET", account).status == 200, 60)
        with mesh.applied(_service(), _pod()):
            mesh.eventually(lambda: _address(mesh), 60)
            network = mesh.lab.namespace(mesh.pod(NAMESPACE, f"app={SERVICE}"))
            (folder / "spans").touch()
            found = Collector(mesh=mesh, program=program, network=network, file=folder / "spans")
            found.start()
            try:
                yield found
            finally:
                found.stop()
    path = f"/api/v1/namespaces/{NAMESPACE}"
    mesh.eventually(lambda: mesh.lab.api.request("GET", path).status == 404, 60)


def build_collector() -> Path:
    """The program, built on first use (some minutes) into the user's cache."""
    source = read_source((_TOOL,), "go.opentelemetry.io/collector/receiver/otlpreceiver")
    folder = default_cache_folder() / "collector" / f"{source.version}-{source.digest(find_go(source))}"

    def build(part: Path) -> None:
        run_go(["build", "-trimpath", "-ldflags", "-s -w", "-o", str(part / _PROGRAM), "."], source.folder)

    folder.parent.mkdir(parents=True, exist_ok=True)
    cached(folder, build, silent)
    return folder / _PROGRAM


def _address(mesh: Mesh) -> str:
    (pod,) = mesh.lab.pods(NAMESPACE, f"app%3D{SERVICE}")
    return pod.get("status", {}).get("podIP", "")


def _tags(said: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: str(next(iter(one["value"].values()), "")) for one in said.get("attributes", [])}


def _namespace() -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def _service() -> Body:
    named = {"grpc": PORT, "http": HTTP_PORT}
    ports = [{"name": name, "port": port, "protocol": "TCP", "targetPort": port} for name, port in named.items()]
    metadata = {"name": SERVICE, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": ports, "selector": LABELS}}


def _pod() -> Body:
    """A pod to be in: the collector itself is a process of the test, in its network."""
    container = {"name": "pod", "image": "registry.example.com/pause:1", "ports": [{"containerPort": _STANDIN}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": SERVICE, "namespace": NAMESPACE, "labels": LABELS},
        "spec": {"nodeName": NODE, "automountServiceAccountToken": False, "containers": [container]},
    }
