"""Which fields of a kind can't change in place, so that a change of them makes a new object."""

from collections.abc import Iterable
from typing import Any, Final

from tenantmesh.engine.providers.kubernetes.tokens import Kind

Path = tuple[str | int, ...]

IDENTITY: Final = ("metadata.name", "metadata.namespace")
"""What makes another object of it, for every kind."""

_CONTAINERS: Final = ("spec.containers.*", "spec.initContainers.*")
_CONTAINER_FIELDS: Final = (
    "args",
    "command",
    "env",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
)
_POD_FIELDS: Final = (
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "volumes",
)
_VOLUME_SOURCES: Final = (
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
)

_POD: Final = (
    *(f"spec.{field}" for field in _POD_FIELDS),
    *(f"{container}.{field}" for container in _CONTAINERS for field in _CONTAINER_FIELDS),
)
_STATEFUL_SET: Final = tuple(
    f"spec.{field}"
    for field in ("podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName", "volumeClaimTemplates")
)

_FORCING: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("", "PersistentVolume"): tuple(f"spec.{source}" for source in _VOLUME_SOURCES),
    ("", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("", "Pod"): _POD,
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "StatefulSet"): _STATEFUL_SET,
    ("batch", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
}
"""The real provider's table (provider/pkg/provider/diff.go), without versions that no server has served for years."""

_DATA: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("", "ConfigMap"): ("binaryData", "data"),
    ("", "Secret"): ("type", "stringData", "data"),
}
"""Data is replaced unless the provider is told that it may change in place."""


def forcing_fields(kind: Kind, *, data_is_fixed: bool) -> tuple[str, ...]:
    """The fields of `kind` whose change replaces the object; `data_is_fixed` for ConfigMaps and Secrets."""
    key = (kind.group, kind.kind)
    if data_is_fixed and key in _DATA:
        return (*IDENTITY, *_DATA[key])
    return (*IDENTITY, *_FORCING.get(key, ()))


def forces(path: Path, value: Any, fields: Iterable[str]) -> bool:
    """Whether a change at `path` to `value` touches one of `fields` (`*` stands for every item of a list)."""
    return any(_touches(tuple(field.split(".")), path, value) for field in fields)


def _touches(field: tuple[str, ...], path: Path, value: Any) -> bool:
    if not field:
        return True
    head, rest = field[0], field[1:]
    if path:
        matches = isinstance(path[0], int) if head == "*" else path[0] == head
        return matches and _touches(rest, path[1:], value)
    if head == "*":
        return isinstance(value, list) and any(_touches(rest, (), item) for item in value)
    return isinstance(value, dict) and head in value and _touches(rest, (), value[head])
