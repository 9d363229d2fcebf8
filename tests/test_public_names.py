"""What `import tenantmesh` gives, pinned: a name that goes or changes breaks somebody's program."""

import pytest

import tenantmesh

NAMES = [
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


def test_the_public_names_are_these():
    """A new one is added here, and in the CHANGELOG, on purpose."""
    assert tenantmesh.__all__ == NAMES


def test_they_are_sorted():
    assert sorted(NAMES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_there_and_documented(name):
    """By a docstring of its own, not one that it inherits."""
    assert vars(getattr(tenantmesh, name)).get("__doc__")


def test_nothing_public_is_left_out():
    """But for modules, what the package holds is in the list."""
    held = {name for name, value in vars(tenantmesh).items() if isinstance(value, type) and not name.startswith("_")}
    assert held == set(NAMES)
