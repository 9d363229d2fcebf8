"""Who signs the certificates of a tenant's workloads, where it is not istiod."""

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.spec.tenant import TenantSpec

_SIGNER = "ISTIO_META_CERT_SIGNER"
"""What a proxy's agent asks istiod for (https://istio.io/latest/docs/tasks/security/cert-management/custom-ca-k8s/)."""


def plan_signing(tenant: TenantSpec) -> list[Body]:
    """A ProxyConfig for every namespace, by which proxies that are injected there ask for the tenant's signer."""
    return [_asking(tenant, name) for name in tenant.namespace_names] if tenant.signer else []


def _asking(tenant: TenantSpec, namespace: str) -> networking.ProxyConfig:
    return {
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "ProxyConfig",
        "metadata": metadata(tenant.name, "fence", "signer", namespace),
        "spec": {"environmentVariables": {_SIGNER: tenant.signer.partition("/")[2]}},
    }
