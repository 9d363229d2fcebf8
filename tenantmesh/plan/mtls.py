"""Strict mutual TLS between a tenant's workloads: plain text is refused."""

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import security
from tenantmesh.plan.objects import metadata
from tenantmesh.spec.tenant import TenantSpec


def plan_mtls(tenant: TenantSpec) -> list[Body]:
    """A PeerAuthentication for every namespace."""
    return [_strict(tenant, name) for name in tenant.namespace_names]


def _strict(tenant: TenantSpec, namespace: str) -> security.PeerAuthentication:
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": metadata(tenant.name, "fence", "default", namespace),
        "spec": {"mtls": {"mode": "STRICT"}},
    }
