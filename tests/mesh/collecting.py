"""A real Prometheus in the lab, in a pod of the namespace `monitoring`, with the library's scrape job and rules."""

import json
import subprocess
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tenantmesh.lab.kubelet import NODE
from tenantmesh.lab.namespaces import connect
from tests.mesh.asking import Request
from tests.mesh.driving import Mesh

NAMESPACE = "monitoring"
_PORT = 9091
_LIFE = "900"
"""Seconds after which it ends by itself, whatever becomes of the test."""


@dataclass(frozen=True, kw_only=True)
class Prometheus:
    """A running server, asked from within its pod."""

    mesh: Mesh
    network: str

    def answers(self) -> bool:
        """Whether it is ready to be asked."""
        try:
            return self._get("/-/ready").status == 200
        except Exception:  # noqa: BLE001 -- it is starting
            return False

    def series(self, query: str) -> list[tuple[dict[str, str], float]]:
        """The labels and the value of each series that a query gives now."""
        answer = self._get(f"/api/v1/query?query={urllib.parse.quote(query)}").json()
        assert answer["status"] == "success", answer
        return [(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]

    def number(self, query: str) -> float:
        """The sum of what a query gives; 0 for nothing."""
        return sum(value for _, value in self.series(query))

    def targets(self) -> list[dict[str, object]]:
        """What it collects from, with the labels and the health of each."""
        return self._get("/api/v1/targets?state=active").json()["data"]["activeTargets"]

    def _get(self, path: str):
        return Request(path=path).send(lambda: connect(self.network, "127.0.0.1", _PORT))


@contextmanager
def prometheus(mesh: Mesh, folder: Path, scrape: dict[str, object], rules: dict[str, str]) -> Iterator[Prometheus]:
    """One with a scrape job and with files of rules, by their names, for as long as the block lasts."""
    (folder / "targets.json").write_text(json.dumps(_discovered(mesh)))
    for name, text in rules.items():
        (folder / name).write_text(text)
    # Debian builds it without Kubernetes' discovery: a file gives it the same labels, and the job does the rest.
    job = {key: value for key, value in scrape.items() if key != "kubernetes_sd_configs"}
    job["file_sd_configs"] = [{"files": [str(folder / "targets.json")]}]
    config = {
        "global": {"evaluation_interval": "1s", "scrape_interval": "1s"},
        "rule_files": [str(folder / name) for name in rules],
        "scrape_configs": [job],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    with _pod(mesh) as pod, (folder / "prometheus.log").open("w") as log:
        network = mesh.lab.namespace(pod)
        flags = {
            "config.file": folder / "prometheus.yaml",
            "storage.tsdb.path": folder / "data",
            "web.listen-address": f"127.0.0.1:{_PORT}",
        }
        command = ["timeout", _LIFE, "ip", "netns", "exec", network, "prometheus"]
        command += [f"--{name}={value}" for name, value in flags.items()]
        with subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                found = Prometheus(mesh=mesh, network=network)
                mesh.eventually(found.answers, 60)
                yield found
            finally:
                process.terminate()
                process.wait(30)


@contextmanager
def monitoring(mesh: Mesh) -> Iterator[None]:
    """The namespace in which the cluster's Prometheus would be, which the tenants' network policies let in."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default"
    mesh.apply(body)
    try:
        mesh.eventually(lambda: mesh.lab.api.request("GET", account).status == 200, 60)
        yield
    finally:
        mesh.remove(body)
        path = f"/api/v1/namespaces/{NAMESPACE}"
        mesh.eventually(lambda: mesh.lab.api.request("GET", path).status == 404, 60)


@contextmanager
def _pod(mesh: Mesh) -> Iterator[dict]:
    container = {"name": "prometheus", "image": "prom/prometheus:v2.42.0", "ports": [{"containerPort": 9090}]}
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "prometheus", "namespace": NAMESPACE, "labels": {"app": "prometheus"}},
        "spec": {"nodeName": NODE, "automountServiceAccountToken": False, "containers": [container]},
    }
    with mesh.applied(body):
        mesh.eventually(lambda: _runs(mesh), 60)
        yield mesh.pod(NAMESPACE, "app=prometheus")


def _runs(mesh: Mesh) -> bool:
    return all(pod.get("status", {}).get("podIP") for pod in mesh.lab.pods(NAMESPACE, "app%3Dprometheus"))


def _discovered(mesh: Mesh) -> list[dict[str, object]]:
    """A target for each port of each pod, as Prometheus' discovery of the role `pod` makes them.

    istiod makes the proxy an init container that goes on, once it knows the node's version.
    """
    return [
        {"targets": [f"{pod['status']['podIP']}:{port['containerPort']}"], "labels": _labels(pod, port)}
        for pod in mesh.lab.all_pods()
        if pod.get("status", {}).get("podIP")
        for container in [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]
        for port in container.get("ports", [])
    ]


def _labels(pod: dict, port: dict) -> dict[str, str]:
    metadata = pod["metadata"]
    own = {f"pod_label_{_plain(name)}": value for name, value in metadata.get("labels", {}).items()}
    named = {
        "namespace": metadata["namespace"],
        "pod_name": metadata["name"],
        "pod_container_port_number": str(port["containerPort"]),
    }
    return {f"__meta_kubernetes_{name}": value for name, value in {**own, **named}.items()}


def _plain(name: str) -> str:
    return "".join(mark if mark.isalnum() else "_" for mark in name)
