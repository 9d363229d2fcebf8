"""Clusters for the routing tests, written as short YAML."""

from typing import Any

import yaml
from msgspec.structs import replace

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.routing import RoutingLayer
from tenantmesh.manifest import Manifest, ManifestObject

Body = dict[str, Any]


def cluster(*texts: str, bodies: tuple[Body, ...] = (), pod_cidrs: tuple[str, ...] = (), **mesh: Any) -> Cluster:
    """A cluster of all documents in `texts`, in a mesh of these settings."""
    found = [body for text in texts for body in yaml.load_all(text, yaml.CSafeLoader) if body]
    objects = [ManifestObject(body=body) for body in (*found, *bodies)]
    return Cluster(Manifest.of(objects), mesh=MeshSettings(**mesh), pod_cidrs=pod_cidrs)


def layer(*texts: str, **settings: Any) -> RoutingLayer:
    return RoutingLayer(cluster(*texts, **settings))


def pod(name: str, **changes: Any) -> Workload:
    """The pod `namespace/app`, labelled `app`, with a sidecar, unless `changes` say else."""
    namespace, _, app = name.partition("/")
    return replace(Workload(namespace=namespace, name=app, labels={"app": app}, proxy=Proxy.SIDECAR), **changes)


def deployment(name: str, port: int = 8080, **template: Any) -> str:
    """The Deployment `namespace/app`, whose pods are labelled `app` and get a sidecar."""
    namespace, _, app = name.partition("/")
    annotations = template.get("annotations", {})
    labels = {"app": app, "sidecar.istio.io/inject": "true", **template.get("labels", {})}
    spec = {
        "containers": [{"name": "app", "ports": [{"containerPort": port, "name": "web"}]}],
        **template.get("spec", {}),
    }
    return _dump(
        "apps/v1",
        "Deployment",
        namespace,
        app,
        {"template": {"metadata": {"labels": labels, "annotations": annotations}, "spec": spec}},
    )


def gateway_pods(name: str, port: int = 8080) -> str:
    """A Deployment whose pods are injected as gateways."""
    return deployment(name, port, annotations={"inject.istio.io/templates": "gateway"})


def service(name: str, export: str | None = None, **spec: Any) -> str:
    """The Service `namespace/app` for the pods labelled `app`: port 80 to 8080, HTTP."""
    namespace, _, app = name.partition("/")
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    annotations = {} if export is None else {"networking.istio.io/exportTo": export}
    return _dump("v1", "Service", namespace, app, {"selector": {"app": app}, "ports": ports, **spec}, annotations)


def sidecar(namespace: str, *hosts: str, mode: str = "REGISTRY_ONLY", **spec: Any) -> str:
    """The Sidecar of a namespace: it imports `hosts` and drops the rest."""
    body = {"egress": [{"hosts": list(hosts)}], "outboundTrafficPolicy": {"mode": mode}, **spec}
    return istio("Sidecar", f"{namespace}/default", **body)


def istio(kind: str, name: str, **spec: Any) -> str:
    """An object of networking.istio.io."""
    namespace, _, own = name.partition("/")
    return _dump("networking.istio.io/v1", kind, namespace, own, spec)


def born(text: str, day: str) -> str:
    """`text`, an object, created on a day, such as `2026-01-31`."""
    return text.replace("metadata:\n", f"metadata:\n  creationTimestamp: '{day}T00:00:00Z'\n")


def gateway_api(kind: str, name: str, **spec: Any) -> str:
    """An object of gateway.networking.k8s.io."""
    namespace, _, own = name.partition("/")
    return _dump("gateway.networking.k8s.io/v1", kind, namespace, own, spec)


def namespace(name: str, **labels: str) -> str:
    return (
        yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        + "---\n"
    )


def to(host: str, port: int | None = None, **more: Any) -> dict[str, Any]:
    """A route's destination."""
    destination: dict[str, Any] = {"host": host} if port is None else {"host": host, "port": {"number": port}}
    return {"destination": {**destination, **more}}


def _dump(version: str, kind: str, namespace: str, name: str, spec: Body, annotations: Body | None = None) -> str:
    metadata: Body = {"name": name, "namespace": namespace}
    if annotations:
        metadata["annotations"] = annotations
    return (
        yaml.dump({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}, Dumper=yaml.CSafeDumper)
        + "---\n"
    )
