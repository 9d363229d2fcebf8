"""Small policies, pods and questions for the tests of the network layer."""

from typing import Any

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import ContainerPort, Endpoint, Request, Workload
from tenantmesh.graph.network import NetworkLayer
from tenantmesh.graph.verdict import Answer
from tenantmesh.manifest import Manifest, ManifestObject

Spec = dict[str, Any]
TCP_80 = Request(port=80)


def made(api_version: str, kind: str, name: str, namespace: str = "", **fields: Any) -> ManifestObject:
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return ManifestObject(body={"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields})


def namespace(name: str, **labels: str) -> ManifestObject:
    return ManifestObject(body={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})


def policy(spec: Spec, namespace: str = "b", name: str = "policy") -> ManifestObject:
    return made("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


def pod(place: str = "b", name: str = "pod", **fields: Any) -> Workload:
    return Workload(namespace=place, name=name, **fields)


def web(number: int = 80, **fields: Any) -> Workload:
    """The pod that the tests' policies are about: `app: web` in namespace b, with a port called http."""
    port = ContainerPort(number=number, name="http")
    return pod("b", "web", labels={"app": "web"}, ports=(port,), **fields)


def layer(*objects: ManifestObject, **settings: Any) -> NetworkLayer:
    return NetworkLayer(Cluster(Manifest.of(objects), **settings))


def answer(
    objects: tuple[ManifestObject, ...], source: Endpoint, destination: Endpoint, request: Request = TCP_80
) -> Answer:
    return layer(*objects).verdict(source, destination, request).answer
