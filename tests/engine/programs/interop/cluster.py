"""Objects of a cluster, by typed classes and by plain resources."""

import pulumi
import pulumi_kubernetes as k8s
from pulumi import ResourceOptions

_LABELS = {"app": "web"}


def declare(name: str, size: int, password: pulumi.Input[str]) -> None:
    """A namespace named `name` with one object of many kinds; `size` changes some."""
    namespace = k8s.core.v1.Namespace("home", metadata={"name": name, "labels": {"team": "blue"}})
    inside = ResourceOptions(parent=namespace)
    meta = {"namespace": namespace.metadata.name}
    _settings(size, password, meta, inside)
    _rights(meta, inside)
    _workload(meta, inside)
    _mesh(meta, inside)


def _settings(size: int, password: pulumi.Input[str], meta: dict, inside: ResourceOptions) -> None:
    k8s.core.v1.ConfigMap("autonamed", metadata=meta, data={"size": str(size)}, opts=inside)
    k8s.core.v1.Secret("secret", metadata={**meta, "name": "secret"}, string_data={"password": password}, opts=inside)
    k8s.core.v1.ServiceAccountPatch(
        "default", metadata={**meta, "name": "default"}, automount_service_account_token=False, opts=inside
    )
    k8s.core.v1.ResourceQuota(
        "quota", metadata={**meta, "name": "quota"}, spec={"hard": {"pods": str(size)}}, opts=inside
    )


def _rights(meta: dict, inside: ResourceOptions) -> None:
    k8s.rbac.v1.Role(
        "role",
        metadata={**meta, "name": "role"},
        rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}],
        opts=inside,
    )
    k8s.rbac.v1.RoleBinding(
        "binding",
        metadata={**meta, "name": "binding"},
        role_ref={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "role"},
        subjects=[{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "developers"}],
        opts=inside,
    )


def _workload(meta: dict, inside: ResourceOptions) -> None:
    container = {"name": "web", "image": "web:1", "ports": [{"containerPort": 8080}]}
    template = {"metadata": {"labels": _LABELS}, "spec": {"containers": [container]}}
    k8s.apps.v1.Deployment(
        "web",
        metadata={**meta, "name": "web"},
        spec={"replicas": 1, "selector": {"matchLabels": _LABELS}, "template": template},
        opts=inside,
    )
    # Waiting for a Service takes ten seconds of quiet, which show nothing here.
    still = {"annotations": {"pulumi.com/skipAwait": "true"}}
    k8s.core.v1.Service(
        "web",
        metadata={**meta, **still, "name": "web"},
        spec={"selector": _LABELS, "ports": [{"port": 80}]},
        opts=inside,
    )


def _mesh(meta: dict, inside: ResourceOptions) -> None:
    server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    gateway = {"selector": _LABELS, "servers": [server]}
    k8s.apiextensions.CustomResource(
        "typed",
        api_version="networking.istio.io/v1",
        kind="Gateway",
        metadata={**meta, "name": "typed"},
        spec=gateway,
        opts=inside,
    )
    _plain("networking.istio.io/v1", "Gateway", {"metadata": {**meta, "name": "plain"}, "spec": gateway}, inside)
    policy = {"podSelector": {}, "policyTypes": ["Ingress"]}
    _plain("networking.k8s.io/v1", "NetworkPolicy", {"metadata": {**meta, "name": "plain"}, "spec": policy}, inside)


def _plain(version: str, kind: str, rest: dict, opts: ResourceOptions) -> None:
    body = {"apiVersion": version, "kind": kind, **rest}
    pulumi.CustomResource(f"kubernetes:{version}:{kind}", f"plain-{kind.lower()}", body, opts)
