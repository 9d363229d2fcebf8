"""The complete description of what tenants share: the control plane, the infrastructure and the names in common."""

from dataclasses import dataclass, field
from enum import StrEnum

from tenantmesh.spec.telemetry import MeshTelemetrySpec
from tenantmesh.spec.trust import TrustSpec

Pairs = tuple[tuple[str, str], ...]
"""A frozen mapping: pairs in the order of their keys."""


class Dataplane(StrEnum):
    """What carries and guards the traffic of tenants."""

    ISTIO_SIDECAR = "istio-sidecar"
    """An Istio proxy beside every workload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlaneSpec:
    """Where istiod runs and which revision injects the tenants' pods ("" is the default revision)."""

    namespace: str = "istio-system"
    revision: str = ""
    create_namespace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InfrastructureSpec:
    """The shared parts of the cluster that a locked tenant still meets, and which addresses are inside the cluster."""

    dns_namespace: str = "kube-system"
    dns_labels: Pairs = (("k8s-app", "kube-dns"),)
    observability_namespaces: tuple[str, ...] = ("monitoring",)
    api_server_cidrs: tuple[str, ...] = ()
    api_server_port: int = 443
    # Never outside: private (RFC 1918), carrier-grade NAT (RFC 6598), loopback, link-local with the clouds' metadata
    # service, and their IPv6 kin (RFC 4193, RFC 4291).
    cluster_cidrs: tuple[str, ...] = (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshSpec:
    """What all tenants of a cluster have in common."""

    trust_domain: str = "cluster.local"
    trust_domain_aliases: tuple[str, ...] = ()
    cluster_domain: str = "cluster.local"
    domain: str = ""
    dataplane: Dataplane = Dataplane.ISTIO_SIDECAR
    control_plane: ControlPlaneSpec = field(default_factory=ControlPlaneSpec)
    infrastructure: InfrastructureSpec = field(default_factory=InfrastructureSpec)
    shared_egress_hosts: tuple[str, ...] = ()
    telemetry: MeshTelemetrySpec = field(default_factory=MeshTelemetrySpec)
    trust: TrustSpec = field(default_factory=TrustSpec)

    @property
    def watching_namespace(self) -> str:
        """Where the rules and dashboards of tenants are put; "" where nobody may watch."""
        return self.telemetry.namespace or next(iter(self.infrastructure.observability_namespaces), "")
