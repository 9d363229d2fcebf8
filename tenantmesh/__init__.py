"""Pulumi components that give each tenant of a shared Kubernetes cluster a mesh of its own."""

from tenantmesh.args.app import AppArgs, ContainerArgs, PortArgs, ProbeArgs, ProbesArgs, RouteArgs, VersionArgs
from tenantmesh.args.authentication import JwtArgs, TokenRuleArgs
from tenantmesh.args.gateway import (
    CertificatesArgs,
    EgressArgs,
    EgressGatewayArgs,
    EpochsArgs,
    ExternalServiceArgs,
    IngressArgs,
    IssuerArgs,
    ServiceArgs,
    TcpTlsArgs,
    ValidityArgs,
)
from tenantmesh.args.login import LoginArgs
from tenantmesh.args.mesh import ControlPlaneArgs, InfrastructureArgs, MeshArgs
from tenantmesh.args.permissive import PermissiveArgs
from tenantmesh.args.rate_limits import RateLimitArgs
from tenantmesh.args.sharing import ExportArgs, GrantArgs, ImportArgs, ProjectArgs, SharingArgs
from tenantmesh.args.sizes import LimitsArgs, QuotaArgs, ReplicasArgs, ResourcesArgs
from tenantmesh.args.telemetry import MeshTelemetryArgs, TelemetryArgs, TracingArgs
from tenantmesh.args.tenant import (
    AccessArgs,
    NamespaceArgs,
    PatchArgs,
    PatchOperationArgs,
    SettingsArgs,
    TenantArgs,
)
from tenantmesh.args.traffic import (
    AbortArgs,
    CanaryArgs,
    ConnectionPoolArgs,
    ConsistentHashArgs,
    CorsArgs,
    DelayArgs,
    FaultArgs,
    LoadBalancerArgs,
    MatchArgs,
    MirrorArgs,
    OutlierDetectionArgs,
    RedirectArgs,
    RetriesArgs,
    RewriteArgs,
    RuleArgs,
    TextMatchArgs,
    TrafficArgs,
)
from tenantmesh.args.trust import SignerArgs, TrustArgs, TrustBundleArgs, WorkloadCaArgs
from tenantmesh.components.app import App
from tenantmesh.components.grant import Grant
from tenantmesh.components.mesh import Mesh
from tenantmesh.components.tenant import Tenant
from tenantmesh.errors import ArgsError, BodyError, OwnershipError, TenantmeshError
from tenantmesh.spec.app import AppProtocol
from tenantmesh.spec.gateway import ClientTls, ExternalProtocol, IssuerKind, ServiceType
from tenantmesh.spec.mesh import Dataplane
from tenantmesh.spec.rate_limits import FailureMode, RateScope, RateUnit
from tenantmesh.spec.telemetry import AccessLog, Logged
from tenantmesh.spec.tenant import PodSecurity, Role
from tenantmesh.spec.tracing import TracingProtocol
from tenantmesh.spec.traffic import LoadBalancing

__all__ = [
    "AbortArgs",
    "AccessArgs",
    "AccessLog",
    "App",
    "AppArgs",
    "AppProtocol",
    "ArgsError",
    "BodyError",
    "CanaryArgs",
    "CertificatesArgs",
    "ClientTls",
    "ConnectionPoolArgs",
    "ConsistentHashArgs",
    "ContainerArgs",
    "ControlPlaneArgs",
    "CorsArgs",
    "Dataplane",
    "DelayArgs",
    "EgressArgs",
    "EgressGatewayArgs",
    "EpochsArgs",
    "ExportArgs",
    "ExternalProtocol",
    "ExternalServiceArgs",
    "FailureMode",
    "FaultArgs",
    "Grant",
    "GrantArgs",
    "ImportArgs",
    "InfrastructureArgs",
    "IngressArgs",
    "IssuerArgs",
    "IssuerKind",
    "JwtArgs",
    "LimitsArgs",
    "LoadBalancerArgs",
    "LoadBalancing",
    "Logged",
    "LoginArgs",
    "MatchArgs",
    "Mesh",
    "MeshArgs",
    "MeshTelemetryArgs",
    "MirrorArgs",
    "NamespaceArgs",
    "OutlierDetectionArgs",
    "OwnershipError",
    "PatchArgs",
    "PatchOperationArgs",
    "PermissiveArgs",
    "PodSecurity",
    "PortArgs",
    "ProbeArgs",
    "ProbesArgs",
    "ProjectArgs",
    "QuotaArgs",
    "RateLimitArgs",
    "RateScope",
    "RateUnit",
    "RedirectArgs",
    "ReplicasArgs",
    "ResourcesArgs",
    "RetriesArgs",
    "RewriteArgs",
    "Role",
    "RouteArgs",
    "RuleArgs",
    "ServiceArgs",
    "ServiceType",
    "SettingsArgs",
    "SharingArgs",
    "SignerArgs",
    "TcpTlsArgs",
    "TelemetryArgs",
    "Tenant",
    "TenantArgs",
    "TenantmeshError",
    "TextMatchArgs",
    "TokenRuleArgs",
    "TracingArgs",
    "TracingProtocol",
    "TrafficArgs",
    "TrustArgs",
    "TrustBundleArgs",
    "ValidityArgs",
    "VersionArgs",
    "WorkloadCaArgs",
]
