"""Layers that answer what a test says, and objects in a few words."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tenantmesh.checks.layers import Layers
from tenantmesh.graph.api import ApiLayer
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Request
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.routing import Dangling
from tenantmesh.graph.verdict import Answer, Layer, LayerVerdict
from tenantmesh.manifest import Manifest, ManifestObject

TODAY = datetime.date(2030, 6, 1)


@dataclass
class FakeLayer:
    """Says the same of every flow but for those between the named pairs of namespaces."""

    layer: Layer
    answer: Answer = Answer.ALLOWED
    said: dict[str, tuple[Opening, ...]] = field(default_factory=dict)
    denied: frozenset[tuple[str, str]] = frozenset()
    unproven: frozenset[tuple[str, str]] = frozenset()
    asked: list[str] = field(default_factory=list)

    def verdict(self, source: Endpoint, destination: Endpoint, request: Request) -> LayerVerdict:  # noqa: ARG002  layers take it
        pair = (getattr(source, "namespace", ""), getattr(destination, "namespace", ""))
        answer = self.answer
        if pair in self.denied:
            answer = Answer.DENIED
        if pair in self.unproven:
            answer = Answer.UNPROVEN
        return LayerVerdict(self.layer, answer, f"{self.layer} is {answer}", change="change it")

    def dangling(self) -> tuple[Dangling, ...]:
        return ()

    def openings(self, namespace: str) -> tuple[Opening, ...]:
        self.asked.append(namespace)
        return self.said.get(namespace, ())


def layers(
    cluster: Cluster,
    *,
    network: FakeLayer | None = None,
    identity: FakeLayer | None = None,
    routing: FakeLayer | None = None,
) -> Layers:
    return Layers(
        network=network or FakeLayer(Layer.NETWORK),
        identity=identity or FakeLayer(Layer.IDENTITY),
        routing=routing or FakeLayer(Layer.ROUTING),
        api=ApiLayer(cluster),
    )


def manifest(*texts: str) -> Manifest:
    """Objects of YAML documents."""
    bodies = [body for text in texts for body in yaml.safe_load_all(text) if body]
    return Manifest.of(ManifestObject(body=body, source=f"test.yaml:{at}") for at, body in enumerate(bodies, 1))


def read(folder: Path) -> Manifest:
    """The objects of all YAML files in a folder."""
    return manifest(*(path.read_text() for path in sorted(folder.rglob("*.yaml"))))


def namespace(name: str, **metadata: Any) -> str:
    """A Namespace; `labels` and `annotations` as given."""
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **metadata}})


def spaces(*names: str) -> Iterable[str]:
    return [namespace(name) for name in names]
