"""Objects that are written by hand, for a cluster of one disagreement."""

from typing import Any

from tests.oracles.sample import Object, Port, Question, Sample

NAMESPACES = ("here", "there")


def pod(namespace: str, name: str, address: str, labels: dict[str, str] | None = None) -> Object:
    metadata = {"name": name, "namespace": namespace, "labels": labels or {}}
    ports = [{"containerPort": 80, "name": "web"}]
    spec = {"containers": [{"name": "main", "image": "example.com/server", "ports": ports}]}
    status = {"podIPs": [{"ip": address}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def policy(namespace: str, **spec: Any) -> Object:
    metadata = {"name": "policy", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def cluster(*policies: Object, labels: dict[str, str] | None = None) -> Sample:
    """Pods here/server, here/client and there/client, whose `labels` the two clients have; one address outside."""
    namespaces = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
        }
        for name in NAMESPACES
    ]
    pods = [
        pod("here", "server", "10.0.0.1"),
        pod("here", "client", "10.0.0.2", labels),
        pod("there", "stranger", "10.0.1.1", labels),
    ]
    return Sample(objects=(*namespaces, *pods, *policies), outside=("192.0.2.1",), ports=(Port(80, "TCP"),))


def flow(sample: Sample, source: str, destination: str) -> Question:
    """The question between two ends by their names, on port 80."""
    return next(one for one in sample.questions() if (one.source.name, one.destination.name) == (source, destination))
