"""What a tenant's proxies know of: its own namespaces, the control plane's, and what was granted."""

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.spec.tenant import TenantSpec


def plan_sidecars(tenant: TenantSpec) -> list[Body]:
    """A Sidecar for every namespace; what it does not name is neither routed nor reachable (REGISTRY_ONLY)."""
    hosts = sorted({*_namespaces(tenant), *_imports(tenant)})
    return [_sidecar(tenant, name, hosts) for name in tenant.namespace_names]


def _namespaces(tenant: TenantSpec) -> list[str]:
    peers = [peer.namespace for peer in tenant.project.peers] if tenant.project else []
    return [f"{name}/*" for name in (*tenant.namespace_names, *peers, tenant.mesh.control_plane.namespace)]


def _imports(tenant: TenantSpec) -> list[str]:
    domain = tenant.mesh.cluster_domain
    return [f"{one.owner.namespace}/{one.service}.{one.owner.namespace}.svc.{domain}" for one in tenant.imports]


def _sidecar(tenant: TenantSpec, namespace: str, hosts: list[str]) -> networking.Sidecar:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Sidecar",
        "metadata": metadata(tenant.name, "fence", "default", namespace),
        "spec": {"egress": [{"hosts": list(hosts)}], "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}},
    }
