"""The pods of a gateway: a Deployment that the shared control plane injects, with what scales and keeps it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tenantmesh.manifest import Body
from tenantmesh.plan.objects import (
    CONTAINER_SECURITY,
    POD_SECURITY,
    autoscaler,
    disruption_budget,
    metadata,
    requests_and_limits,
    service_account,
    spread,
)
from tenantmesh.plan.ports import METRICS
from tenantmesh.spec import labels, names
from tenantmesh.spec.gateway import ReplicasSpec, ResourcesSpec
from tenantmesh.spec.tenant import TenantSpec

# The user of Istio's proxy image.
_PROXY_USER = 1337


class Additions(Struct, frozen=True, kw_only=True):
    """What the pods of one gateway have that others' have not; `files` are Secrets by the folders of their files."""

    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, str] = field(default_factory=dict[str, str])


def gateway_name(tenant: TenantSpec, role: str) -> str:
    """What the objects of a gateway are called; `role` is ingress or egress, and `--` and its name behind that."""
    return names.gateway_name(tenant.name, role)


def plan_proxies(
    tenant: TenantSpec,
    role: str,
    replicas: ReplicasSpec,
    resources: ResourcesSpec,
    ports: Mapping[str, int],
    additions: Additions,
) -> list[Body]:
    """ServiceAccount, Deployment, disruption budget and, where the numbers leave room, autoscaler of a gateway."""
    name = gateway_name(tenant, role)
    selector = labels.gateway(tenant.name, role)

    def meta() -> Any:
        return metadata(tenant.name, _component(role), name, tenant.gateway_namespace)

    spec: dict[str, Any] = {
        "selector": {"matchLabels": selector},
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}, "type": "RollingUpdate"},
        "template": {
            "metadata": {
                "annotations": {**additions.annotations, labels.INJECT_TEMPLATES: "gateway"},
                "labels": {**_pod_labels(tenant, role), **additions.labels},
            },
            "spec": _with_files(_pod(name, selector, resources, ports), additions.files),
        },
    }
    bodies = [service_account(meta()), disruption_budget(meta(), selector)]
    if replicas.scales:
        bodies.append(autoscaler(meta(), name, replicas))
    else:
        spec["replicas"] = replicas.minimum
    return [*bodies, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(), "spec": spec}]


def _component(role: str) -> str:
    """Ingress or egress, by which numbers are counted, whichever of several gateways it is."""
    return role.partition(names.SEPARATOR)[0]


def _pod_labels(tenant: TenantSpec, role: str) -> dict[str, str]:
    revision = tenant.mesh.control_plane.revision
    return {
        **labels.owned(tenant.name, _component(role)),
        **labels.gateway(tenant.name, role),
        **labels.application(gateway_name(tenant, role)),
        labels.SIDECAR_INJECT: "true",
        **({labels.ISTIO_REVISION: revision} if revision else {}),
    }


def _pod(name: str, selector: Mapping[str, str], resources: ResourcesSpec, ports: Mapping[str, int]) -> dict[str, Any]:
    numbers = {**ports, "http-envoy-prom": METRICS[1]}
    container = {
        # Istio's webhook puts the proxy's image and arguments in.
        "image": "auto",
        "name": "istio-proxy",
        "ports": [{"containerPort": port, "name": label, "protocol": "TCP"} for label, port in numbers.items()],
        "resources": requests_and_limits(resources),
        "securityContext": {**CONTAINER_SECURITY, "runAsGroup": _PROXY_USER, "runAsUser": _PROXY_USER},
    }
    return {
        "automountServiceAccountToken": False,
        "containers": [container],
        "securityContext": dict(POD_SECURITY),
        "serviceAccountName": name,
        "topologySpreadConstraints": spread(selector),
    }


def _with_files(pod: dict[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """As a Secret's volume follows the Secret, the proxy has new files without a new pod."""
    if not files:
        return pod
    (container,) = pod["containers"]
    mounts = [{"mountPath": folder, "name": name, "readOnly": True} for folder, name in files.items()]
    volumes = [{"name": name, "secret": {"secretName": name}} for name in files.values()]
    return {**pod, "containers": [{**container, "volumeMounts": mounts}], "volumes": volumes}
