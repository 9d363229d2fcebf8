"""What takes plain text for a while: a port's mutual TLS is permissive, and who has no identity is let in to it.

The fence denies every foreign identity as ever. Who shows none is told apart by nothing but the network, which lets in
the tenant's own namespaces and those of its project.
"""

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import security
from tenantmesh.plan.kinds.meta import ObjectMeta
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.principals import ANYBODY
from tenantmesh.spec.labels import REASON
from tenantmesh.spec.names import joined, namespace_name
from tenantmesh.spec.permissive import PermissiveSpec
from tenantmesh.spec.tenant import TenantSpec

_API_VERSION = "security.istio.io/v1"


def plan_permissive(tenant: TenantSpec) -> list[Body]:
    """Two policies for each service; a port that none names stays strict."""
    return [body for one in tenant.permissive for body in (_takes(tenant, one), _lets_in(tenant, one))]


def _meta(tenant: TenantSpec, one: PermissiveSpec) -> ObjectMeta:
    namespace = namespace_name(tenant.name, one.part)
    return metadata(tenant.name, "permissive", joined("permissive", one.service), namespace, {REASON: one.reason})


def _takes(tenant: TenantSpec, one: PermissiveSpec) -> security.PeerAuthentication:
    return {
        "apiVersion": _API_VERSION,
        "kind": "PeerAuthentication",
        "metadata": _meta(tenant, one),
        "spec": {
            "mtls": {"mode": "STRICT"},
            "portLevelMtls": {str(port): {"mode": "PERMISSIVE"} for port in one.ports},
            "selector": {"matchLabels": one.pods},
        },
    }


def _lets_in(tenant: TenantSpec, one: PermissiveSpec) -> security.AuthorizationPolicy:
    return {
        "apiVersion": _API_VERSION,
        "kind": "AuthorizationPolicy",
        "metadata": _meta(tenant, one),
        "spec": {
            "action": "ALLOW",
            "rules": [
                {
                    "from": [{"source": {"notPrincipals": [ANYBODY]}}],
                    "to": [{"operation": {"ports": [str(port) for port in one.ports]}}],
                }
            ],
            "selector": {"matchLabels": one.pods},
        },
    }
