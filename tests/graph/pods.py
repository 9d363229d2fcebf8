"""Pods, namespaces and services in few words, for the tests of what pods may do."""

from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject

HARD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Settings that nothing is to be said of."""


def namespace(name="acme", **labels):
    """Labels are spelled with `_` for `-`; by default the namespace's pods get proxies."""
    found = {key.replace("_", "-"): value for key, value in (labels or {"istio_injection": "enabled"}).items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": found}}


def container(name="app", context=HARD, **fields):
    return {"name": name, "image": "example.com/app:1", "securityContext": context, **fields}


def deployment(*containers, name="web", annotations=None, labels=None, **spec):
    metadata = {"labels": {"app": name, **(labels or {})}, "annotations": annotations or {}}
    template = {"metadata": metadata, "spec": {"containers": list(containers) or [container()], **spec}}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "acme"}}
    return body | {"spec": {"template": template}}


def pod(*containers, **spec):
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "acme"}}
    return body | {"spec": {"containers": list(containers) or [container()], **spec}}


def service(labels=None, **spec):
    metadata = {"name": "web", "namespace": "acme", "labels": labels or {}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def cluster(*bodies, mesh=None):
    return Cluster(Manifest.of(ManifestObject(body=body) for body in bodies), mesh=mesh)
