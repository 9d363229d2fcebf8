"""Workload identities as Istio's policies spell them: `<trust domain>/ns/<namespace>/sa/<service account>`."""

from collections.abc import Iterable

from tenantmesh.spec.sharing import ExportSpec, Peer
from tenantmesh.spec.tenant import TenantSpec

ANYBODY = "*"


def principal(tenant: TenantSpec, namespace: str, account: str = ANYBODY) -> str:
    """One service account of a namespace, or all of them.

    The field `serviceAccounts` of a policy would be shorter, but a dot in it matches any character (CVE-2026-39350).
    """
    return f"{tenant.mesh.trust_domain}/ns/{namespace}/sa/{account}"


def own_principals(tenant: TenantSpec) -> list[str]:
    """Every workload of the tenant, gateways included."""
    return [principal(tenant, name) for name in tenant.namespace_names]


def project_principals(tenant: TenantSpec) -> list[str]:
    """Every workload of the other members of the tenant's project."""
    peers = tenant.project.peers if tenant.project else ()
    return [principal(tenant, peer.namespace) for peer in peers]


def export_principals(tenant: TenantSpec, export: ExportSpec, peer: Peer) -> list[str]:
    """The workloads of one peer that may call an export."""
    return [principal(tenant, peer.namespace, account) for account in export.service_accounts or (ANYBODY,)]


def account_principals(tenant: TenantSpec, accounts: Iterable[str]) -> list[str]:
    """The tenant's own service accounts of these names, in whichever of its namespaces they are."""
    return [principal(tenant, name, account) for name in tenant.namespace_names for account in accounts]
