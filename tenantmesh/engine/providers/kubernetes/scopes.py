"""Which kinds Kubernetes brings, and which of them live outside of namespaces."""

from typing import Final

_BUILTIN_GROUPS: Final = frozenset({"", "apps", "autoscaling", "batch", "core", "extensions", "policy"})
_CUSTOM_GROUPS: Final = frozenset({"gateway.networking.k8s.io", "metrics.k8s.io", "snapshot.storage.k8s.io"})
"""Groups under k8s.io that CRDs or extension servers bring."""

_CLUSTER_KINDS: Final = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "DeviceTaintRule",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "SelfSubjectAccessReview",
        "SelfSubjectReview",
        "SelfSubjectRulesReview",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "StorageVersionMigration",
        "SubjectAccessReview",
        "TokenReview",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
_CLUSTER_CUSTOM_KINDS: Final = frozenset({"CiliumClusterwideNetworkPolicy", "CiliumIdentity", "GatewayClass"})


def is_builtin(group: str) -> bool:
    """Whether the API server itself serves `group`."""
    if group in _CUSTOM_GROUPS or group.endswith(".x-k8s.io"):
        return False
    return group in _BUILTIN_GROUPS or group.endswith(".k8s.io")


def is_namespaced(group: str, kind: str) -> bool:
    """Whether objects of `kind` live in a namespace, as far as that is known without a cluster."""
    if is_builtin(group):
        return kind not in _CLUSTER_KINDS
    return not kind.startswith("Cluster") and kind not in _CLUSTER_CUSTOM_KINDS
