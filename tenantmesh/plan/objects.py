"""How every planned object is spelled: its metadata, and the blocks of a pod that are alike everywhere."""

from collections.abc import Mapping
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds.meta import ObjectMeta
from tenantmesh.spec.gateway import ReplicasSpec, ResourcesSpec
from tenantmesh.spec.labels import owned
from tenantmesh.spec.quantities import cpu_text, size_text

# Pod Security Standard "restricted", https://kubernetes.io/docs/concepts/security/pod-security-standards/
POD_SECURITY: Mapping[str, Any] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER_SECURITY: Mapping[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "readOnlyRootFilesystem": True,
}


def metadata(
    tenant: str, component: str, name: str, namespace: str = "", annotations: Mapping[str, Any] | None = None
) -> ObjectMeta:
    """The metadata of a tenant's object; `component` says which concern it serves."""
    made: ObjectMeta = {"name": name, "labels": owned(tenant, component)}
    if namespace:
        made["namespace"] = namespace
    if annotations:
        made["annotations"] = dict(annotations)
    return made


def requests_and_limits(spec: ResourcesSpec) -> dict[str, dict[str, str]]:
    """A container's `resources`."""
    return {
        "limits": {"cpu": cpu_text(spec.cpu_limit), "memory": size_text(spec.memory_limit)},
        "requests": {"cpu": cpu_text(spec.cpu), "memory": size_text(spec.memory)},
    }


def spread(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Topology spread over zones and nodes, as far as there are some."""
    return [
        {
            "labelSelector": {"matchLabels": dict(labels)},
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def autoscaler(meta: ObjectMeta, deployment: str, replicas: ReplicasSpec) -> Body:
    """A HorizontalPodAutoscaler of a Deployment by its CPU."""
    target = {"averageUtilization": replicas.cpu_utilization, "type": "Utilization"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": meta,
        "spec": {
            "maxReplicas": replicas.most,
            "metrics": [{"resource": {"name": "cpu", "target": target}, "type": "Resource"}],
            "minReplicas": replicas.minimum,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment},
        },
    }


def disruption_budget(meta: ObjectMeta, labels: Mapping[str, str]) -> Body:
    """A PodDisruptionBudget of one pod at a time, which never blocks the draining of a node."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": meta,
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": dict(labels)}},
    }


def service_account(meta: ObjectMeta) -> Body:
    """A ServiceAccount whose token no pod gets unasked."""
    return {
        "apiVersion": "v1",
        "automountServiceAccountToken": False,
        "kind": "ServiceAccount",
        "metadata": meta,
    }
