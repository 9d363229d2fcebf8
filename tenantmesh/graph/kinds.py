"""Which part of the graph reads a kind, and which kinds open nothing.

A kind is named by its API group and its name; versions make no difference. What routes, selects pods or grants, and is
in neither table below, is not understood: it is never ignored.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Part(StrEnum):
    """Who reads a kind. `FILTER` is read, never understood: routing leaves unproven what such an object acts on."""

    PODS = "pods"
    NETWORK = "network"
    IDENTITY = "identity"
    ROUTING = "routing"
    FILTER = "filter"
    API = "api"
    TRUST = "trust"
    LIMITS = "limits"
    HARMLESS = "harmless"


class Scope(StrEnum):
    """Where objects of a kind live, spelled as in a CustomResourceDefinition."""

    NAMESPACED = "Namespaced"
    CLUSTER = "Cluster"


class Kind(NamedTuple):
    """What is known of one kind."""

    part: Part
    scope: Scope


def known(group: str, kind: str) -> Kind | None:
    """What is known of a kind; None when it is not understood."""
    return _TABLE.get((group, kind)) or _WHOLE_GROUPS.get(group)


_READ: Final[Mapping[Part, Mapping[str, str]]] = {
    Part.PODS: {
        "": "Namespace* Pod ReplicationController",
        "apps": "DaemonSet Deployment ReplicaSet StatefulSet",
        "batch": "CronJob Job",
    },
    Part.NETWORK: {
        "": "Node*",
        "cilium.io": "CiliumCIDRGroup* CiliumClusterwideNetworkPolicy* CiliumNetworkPolicy",
        "networking.k8s.io": "NetworkPolicy",
        "policy.networking.k8s.io": "AdminNetworkPolicy* BaselineAdminNetworkPolicy* ClusterNetworkPolicy*",
    },
    Part.IDENTITY: {"security.istio.io": "AuthorizationPolicy PeerAuthentication RequestAuthentication"},
    Part.ROUTING: {
        "": "Endpoints Service",
        "discovery.k8s.io": "EndpointSlice",
        "gateway.networking.k8s.io": (
            "BackendTLSPolicy GRPCRoute Gateway GatewayClass* HTTPRoute ListenerSet ReferenceGrant TCPRoute TLSRoute"
        ),
        "gateway.networking.x-k8s.io": "XListenerSet",
        "networking.istio.io": (
            "DestinationRule Gateway ProxyConfig ServiceEntry Sidecar VirtualService WorkloadEntry WorkloadGroup"
        ),
        "networking.k8s.io": "Ingress IngressClass*",
    },
    Part.FILTER: {"extensions.istio.io": "TrafficExtension WasmPlugin", "networking.istio.io": "EnvoyFilter"},
    Part.API: {"": "ServiceAccount", "rbac.authorization.k8s.io": "ClusterRole* ClusterRoleBinding* Role RoleBinding"},
    Part.TRUST: {"": "ConfigMap Secret", "cert-manager.io": "Certificate ClusterIssuer* Issuer"},
    Part.LIMITS: {"": "LimitRange ResourceQuota", "policy": "PodDisruptionBudget"},
}
"""Kinds by the part of the graph that reads them; a star marks those that live in no namespace."""

# They hold values, limit, watch or store. Admission policies and webhooks act on objects before they are what is read
# here; that nobody but an operator changes them is the API layer's concern, for it knows who may.
_HARMLESS: Final[Mapping[str, str]] = {
    "": ("Binding ComponentStatus* Event PersistentVolume* PersistentVolumeClaim PodTemplate"),
    "acme.cert-manager.io": "Challenge Order",
    "admissionregistration.k8s.io": (
        "MutatingAdmissionPolicy* MutatingAdmissionPolicyBinding* MutatingWebhookConfiguration*"
        " ValidatingAdmissionPolicy* ValidatingAdmissionPolicyBinding* ValidatingWebhookConfiguration*"
    ),
    "apiextensions.k8s.io": "CustomResourceDefinition*",
    "apiregistration.k8s.io": "APIService*",
    "apps": "ControllerRevision",
    "argoproj.io": "AnalysisTemplate AppProject Application ApplicationSet ClusterAnalysisTemplate*",
    "autoscaling": "HorizontalPodAutoscaler",
    "autoscaling.k8s.io": "VerticalPodAutoscaler VerticalPodAutoscalerCheckpoint",
    "cert-manager.io": "CertificateRequest",
    "certificates.k8s.io": "CertificateSigningRequest* ClusterTrustBundle* PodCertificateRequest",
    "cilium.io": "CiliumEndpoint CiliumEndpointSlice* CiliumIdentity* CiliumNode*",
    "coordination.k8s.io": "Lease LeaseCandidate",
    "events.k8s.io": "Event",
    "externaldns.k8s.io": "DNSEndpoint",
    "flowcontrol.apiserver.k8s.io": "FlowSchema* PriorityLevelConfiguration*",
    "helm.toolkit.fluxcd.io": "HelmRelease",
    "keda.sh": "ClusterTriggerAuthentication* ScaledObject TriggerAuthentication",
    "kustomize.toolkit.fluxcd.io": "Kustomization",
    "metrics.k8s.io": "NodeMetrics* PodMetrics",
    "networking.k8s.io": "IPAddress* ServiceCIDR*",
    "node.k8s.io": "RuntimeClass*",
    "resource.k8s.io": "DeviceClass* DeviceTaintRule* ResourceClaim ResourceClaimTemplate ResourceSlice*",
    "scheduling.k8s.io": "PriorityClass* Workload",
    "snapshot.storage.k8s.io": "VolumeSnapshot VolumeSnapshotClass* VolumeSnapshotContent*",
    "source.toolkit.fluxcd.io": "Bucket ExternalArtifact GitRepository HelmChart HelmRepository OCIRepository",
    "storage.k8s.io": ("CSIDriver* CSINode* CSIStorageCapacity StorageClass* VolumeAttachment* VolumeAttributesClass*"),
    "storagemigration.k8s.io": "StorageVersionMigration*",
    "telemetry.istio.io": "Telemetry",
    "templates.gatekeeper.sh": "ConstraintTemplate*",
    "wgpolicyk8s.io": "ClusterPolicyReport* PolicyReport",
}
_WHOLE_GROUPS: Final[Mapping[str, Kind]] = {
    # One kind for each template of an administrator: they refuse objects and change none.
    "constraints.gatekeeper.sh": Kind(Part.HARMLESS, Scope.CLUSTER),
    "monitoring.coreos.com": Kind(Part.HARMLESS, Scope.NAMESPACED),
}


def _table() -> Iterator[tuple[tuple[str, str], Kind]]:
    for part, groups in (*_READ.items(), (Part.HARMLESS, _HARMLESS)):
        for group, names in groups.items():
            for name in names.split():
                scope = Scope.CLUSTER if name.endswith("*") else Scope.NAMESPACED
                yield (group, name.rstrip("*")), Kind(part, scope)


_TABLE: Final[Mapping[tuple[str, str], Kind]] = MappingProxyType(dict(_table()))
