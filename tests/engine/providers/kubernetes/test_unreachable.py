"""A cluster that does not answer, one that is busy, and one whose answers get lost."""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tenantmesh.engine.provider import Ambient, Created
from tenantmesh.engine.providers.kubernetes import client
from tenantmesh.errors import ProviderError

from .conftest import Kube

MAP = "core/v1:ConfigMap"
GROUPS = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "groups": [{"versions": [{"groupVersion": "example.com/v1"}]}]},
    "/api/v1": {
        "resources": [
            {"name": "configmaps", "kind": "ConfigMap", "namespaced": True},
            {"name": "namespaces", "kind": "Namespace", "namespaced": False},
            {"name": "namespaces/status", "kind": "Namespace", "namespaced": False},
        ]
    },
    "/apis/example.com/v1": {"resources": [{"name": "widgets", "kind": "Widget", "namespaced": False}]},
}
"""What a server answers that knows no aggregated discovery."""


@dataclass
class Server:
    """Answers what it is told to: a path's answers in their order, the last one again and again.

    An answer is a status with a body, or None to close the connection without one.
    """

    answers: dict[str, list[tuple[int, object] | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, method: str, path: str) -> tuple[int, object] | None:
        self.asked.append(f"{method} {path}")
        if path in GROUPS:
            return 200, GROUPS[path]
        left = self.answers.get(f"{method} {path}", [(404, {"kind": "Status", "message": "no such path"})])
        return left.pop(0) if len(left) > 1 else left[0]


def handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = server.answer(self.command, self.path.split("?")[0])
            if answer is None:
                return
            content = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PATCH = do_DELETE = do_POST = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_arguments):
            pass

    return Handler


@pytest.fixture
def server():
    one = Server()
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(one))
    one.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield one
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def connect(tmp_path) -> Callable[..., Kube]:
    def connect(port: int, **config) -> Kube:
        clusters = {"clusters": [{"name": "a", "cluster": {"server": f"http://127.0.0.1:{port}"}}]}
        contexts = {"contexts": [{"name": "a", "context": {"cluster": "a"}}], "current-context": "a"}
        path = Path(tmp_path, "kubeconfig")
        path.write_text(yaml.safe_dump({**clusters, **contexts}))
        return Kube(Ambient(project="demo", stack="dev", kubeconfig=path), config)

    return connect


@pytest.fixture
def closed() -> int:
    """A port where nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


WHERE = "/api/v1/namespaces/default/configmaps/a"


def config_map(**data: str) -> dict:
    applied = {"manager": "tenantmesh-demo-dev", "operation": "Apply"}
    metadata = {"name": "a", "namespace": "default", "managedFields": [applied]}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def remembered(inputs: dict) -> Created:
    return Created(id="default/a", outputs={**inputs, "__inputs": inputs})


def test_an_unreachable_cluster_previews_the_inputs(connect, closed):
    kube = connect(closed)
    inputs = kube.inputs(MAP, "a")
    assert kube.preview(MAP, inputs) == inputs
    assert kube.said == ["the cluster is unreachable, so the preview shows the inputs"]


def test_every_change_of_an_unreachable_cluster_fails(connect, closed):
    kube = connect(closed)
    inputs = kube.inputs(MAP, "a")
    made = remembered(inputs)
    for change in (
        lambda: kube.create(MAP, inputs),
        lambda: kube.update(MAP, made, inputs),
        lambda: kube.read(MAP, made, inputs),
        lambda: kube.delete(MAP, made, inputs),
    ):
        with pytest.raises(ProviderError, match=r"the Kubernetes cluster is unreachable: .*refused"):
            change()


def test_an_unreachable_cluster_says_how_to_forget_it(connect, closed):
    kube = connect(closed)
    inputs = kube.inputs(MAP, "a")
    with pytest.raises(ProviderError, match="gone for good, PULUMI_K8S_DELETE_UNREACHABLE=true"):
        kube.delete(MAP, remembered(inputs), inputs)


def test_what_was_in_an_unreachable_cluster_can_be_forgotten(connect, closed):
    kube = connect(closed, deleteUnreachable=True)
    inputs = kube.inputs(MAP, "a")
    assert kube.read(MAP, remembered(inputs), inputs) is None
    kube.delete(MAP, remembered(inputs), inputs)


def test_what_is_in_an_unreachable_cluster_can_be_taken_as_remembered(connect, closed):
    kube = connect(closed, skipUpdateUnreachable="true")
    inputs = kube.inputs(MAP, "a")
    found = kube.read(MAP, remembered(inputs), inputs)
    assert found.outputs == remembered(inputs).outputs
    assert kube.check(MAP, {"metadata": {"name": "a"}, "data": {"b": "2"}}, inputs).inputs == inputs


def test_a_busy_server_is_asked_again(connect, server):
    kube = connect(server.port)
    server.answers[f"PATCH {WHERE}"] = [(429, {}), (503, {}), (200, config_map(a="1"))]
    made = kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    assert made.id == "default/a"
    assert server.asked.count(f"PATCH {WHERE}") == 3


RACE = 409, {"message": "the quota was modified", "reason": "Conflict", "details": {"kind": "resourcequotas"}}


def test_an_object_that_could_not_be_counted_against_a_quota_is_sent_again(connect, server, monkeypatch):
    """Others are counted at the same time, and the API server gives up after a few tries; it is not there already."""
    monkeypatch.setattr(client, "_RACE_PAUSE", 0.01)
    kube = connect(server.port)
    server.answers[f"PATCH {WHERE}"] = [*[RACE] * 20, (200, config_map(a="1"))]
    assert kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"})).id == "default/a"
    assert server.asked.count(f"PATCH {WHERE}") == 21


def test_an_object_whose_quota_never_rests_is_not_said_to_be_there_already(connect, server, monkeypatch):
    monkeypatch.setattr(client, "_RACE_PAUSE", 0.01)
    kube = connect(server.port)
    server.answers[f"PATCH {WHERE}"] = [RACE]
    with pytest.raises(ProviderError, match="ConfigMap default/a: the quota was modified"):
        kube.create(MAP, kube.inputs(MAP, "a"))
    assert 40 < server.asked.count(f"PATCH {WHERE}") < 100


def test_a_refusal_is_not_repeated(connect, server):
    kube = connect(server.port)
    server.answers[f"PATCH {WHERE}"] = [(422, {"message": "data: Invalid value"})]
    with pytest.raises(ProviderError, match="ConfigMap default/a: data: Invalid value"):
        kube.create(MAP, kube.inputs(MAP, "a"))
    assert server.asked.count(f"PATCH {WHERE}") == 1


def test_an_object_that_a_lost_answer_made_is_ones_own(connect, server):
    """The first request made it, the repeated one finds it there."""
    kube = connect(server.port)
    server.answers[f"GET {WHERE}"] = [(200, config_map(a="1"))]
    server.answers[f"PATCH {WHERE}"] = [None, (409, {"message": "modified"}), (200, config_map(a="1"))]
    assert kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"})).outputs["data"] == {"a": "1"}


def test_an_object_that_was_there_is_not_ones_own(connect, server):
    kube = connect(server.port)
    server.answers[f"PATCH {WHERE}"] = [(409, {"message": "modified"})]
    with pytest.raises(ProviderError, match="already exists"):
        kube.create(MAP, kube.inputs(MAP, "a"))


def test_somebody_elses_write_between_reading_and_writing_is_no_failure(connect, server):
    kube = connect(server.port)
    server.answers[f"GET {WHERE}"] = [(200, config_map(a="1"))]
    server.answers[f"PATCH {WHERE}"] = [(409, {"message": "modified"}), (200, config_map(a="2"))]
    inputs = kube.inputs(MAP, "a", data={"a": "2"})
    assert kube.update(MAP, remembered(inputs), inputs).outputs["data"] == {"a": "2"}


def test_a_server_without_aggregated_discovery_is_asked_group_by_group(connect, server):
    kube = connect(server.port)
    widget = kube.check("example.com/v1:Widget", {"metadata": {"name": "a"}}).inputs
    assert "namespace" not in widget["metadata"], "the server says that it has none"
    assert server.asked == ["GET /api", "GET /api/v1", "GET /apis", "GET /apis/example.com/v1"]


def test_kinds_are_asked_for_once(connect, server):
    kube = connect(server.port)
    server.answers[f"PATCH {WHERE}"] = [(200, config_map(a="1"))]
    for _ in range(3):
        kube.create(MAP, kube.inputs(MAP, "a"))
    assert server.asked.count("GET /api") == 1


def test_an_answer_that_is_no_status_is_told(connect, server):
    kube = connect(server.port)
    server.answers[f"PATCH {WHERE}"] = [(400, "not a status")]
    with pytest.raises(ProviderError, match="ConfigMap default/a: the API server answered with status 400"):
        kube.create(MAP, kube.inputs(MAP, "a"))
