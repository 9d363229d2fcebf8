"""What a user writes about the parts of a cluster that tenants share."""

from typing import NotRequired, TypedDict

from tenantmesh.args.names import DataplaneName
from tenantmesh.args.telemetry import MeshTelemetryArgs
from tenantmesh.args.trust import TrustArgs


class ControlPlaneArgs(TypedDict):
    """Istio's control plane."""

    namespace: NotRequired[str]
    """The namespace of istiod, which is also the mesh's root namespace. Default: istio-system."""
    revision: NotRequired[str]
    """The revision that injects the tenants' pods. Default: the default revision."""
    create_namespace: NotRequired[bool]
    """Whether the mesh makes the namespace. Default: no, it is there already."""


class InfrastructureArgs(TypedDict):
    """The shared parts of the cluster that a locked tenant still meets."""

    dns_namespace: NotRequired[str]
    """The namespace of the cluster's DNS. Default: kube-system."""
    dns_labels: NotRequired[dict[str, str]]
    """Labels of the DNS pods. Default: k8s-app=kube-dns."""
    observability_namespaces: NotRequired[list[str]]
    """Namespaces that may read the proxies' metrics. Default: monitoring."""
    api_server_cidrs: NotRequired[list[str]]
    """Addresses of the API server that tenants' pods may call. Default: none, so they may not."""
    api_server_port: NotRequired[int]
    """The API server's port. Default: 443."""
    cluster_cidrs: NotRequired[list[str]]
    """Addresses that are never outside: an egress gateway can't reach them. Default: all private, shared, loopback
    and link-local ranges."""


class MeshArgs(TypedDict):
    """What tenants share."""

    trust_domain: NotRequired[str]
    """The trust domain of workload identities. Default: cluster.local."""
    trust_domain_aliases: NotRequired[list[str]]
    """Trust domains whose identities, of the same root, count as the mesh's own while it moves. Default: none."""
    cluster_domain: NotRequired[str]
    """The domain under which the cluster's DNS answers. Default: cluster.local."""
    domain: NotRequired[str]
    """The domain above the tenants' own: a tenant without `domain` gets `<tenant>.<domain>`. Default: none."""
    dataplane: NotRequired[DataplaneName]
    """What carries and guards the traffic. Default: istio-sidecar."""
    control_plane: NotRequired[ControlPlaneArgs]
    """Istio's control plane. Default: istio-system, default revision."""
    infrastructure: NotRequired[InfrastructureArgs]
    """DNS, observability, the API server and the cluster's addresses. Default: as most clusters have them."""
    shared_egress_hosts: NotRequired[list[str]]
    """Outside hosts that several tenants may call; any other has one owner. Default: none."""
    telemetry: NotRequired[MeshTelemetryArgs]
    """Access logs, and where Prometheus and Grafana are. Default: an access log as text; nothing for Prometheus."""
    trust: NotRequired[TrustArgs]
    """Who signs workloads' certificates, and the roots of other meshes. Default: istiod, and nobody else's."""
