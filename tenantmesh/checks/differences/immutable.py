"""Fields that can't change in place: a change of one deletes the object and makes it anew."""

from collections.abc import Mapping

from tenantmesh.manifest import ManifestObject

# The API server's validation of updates refuses these; Pulumi's Kubernetes provider replaces the object then.
_FIXED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "PersistentVolume"): ("spec.csi", "spec.hostPath", "spec.local", "spec.nfs"),
    ("", "PersistentVolumeClaim"): ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
    ("", "ResourceQuota"): ("spec.scopes", "spec.scopeSelector"),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "ReplicaSet"): ("spec.selector",),
    ("apps", "StatefulSet"): (
        "spec.podManagementPolicy",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): ("spec.completionMode", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
}
# A Pod's spec can't change but for these.
_POD_FREE = ("spec.activeDeadlineSeconds", "spec.containers", "spec.initContainers", "spec.tolerations")
# Pulumi replaces an object whose data changes, so that what mounts it is rolled.
_DATA: Mapping[str, tuple[str, ...]] = {"ConfigMap": ("binaryData", "data"), "Secret": ("data", "stringData")}


def fixed(before: ManifestObject, path: str) -> bool:
    """Whether a change of the field at `path` replaces the object that was `before`."""
    key = before.key
    group = key.api_version.rpartition("/")[0]
    if (group, key.kind) == ("", "Pod"):
        return _is_under(path, ("spec",)) and not _is_under(path, _POD_FREE)
    fields = _FIXED.get((group, key.kind), ())
    if group == "" and key.kind in _DATA and (before.urn or before.body.get("immutable") is True):
        fields = (*fields, *_DATA[key.kind])
    return _is_under(path, fields)


def _is_under(path: str, fields: tuple[str, ...]) -> bool:
    return any(path == field or path.startswith((f"{field}.", f"{field}[")) for field in fields)
