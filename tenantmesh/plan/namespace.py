"""A tenant's namespaces, with the labels that Pod Security, injection and the selectors of others go by.

Their annotations say what the tenant declares of others, so that a proof knows what is meant.
"""

from tenantmesh.manifest import Body
from tenantmesh.plan.declared import declarations
from tenantmesh.plan.objects import metadata
from tenantmesh.spec import labels
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.tenant import NamespaceSpec, TenantSpec


def plan_namespaces(tenant: TenantSpec) -> list[Body]:
    """The home namespace and the further ones."""
    return [_namespace(tenant, namespace) for namespace in tenant.namespaces]


def injection(mesh: MeshSpec) -> dict[str, str]:
    """The label that has Istio's webhook inject a namespace's pods: by revision where there is one."""
    revision = mesh.control_plane.revision
    return {labels.ISTIO_REVISION: revision} if revision else {labels.ISTIO_INJECTION: "enabled"}


def _namespace(tenant: TenantSpec, namespace: NamespaceSpec) -> Body:
    meta = metadata(tenant.name, "namespace", namespace.name, annotations=declarations(tenant, namespace))
    level = tenant.pod_security.value
    made = {**meta["labels"], **injection(tenant.mesh)} if "labels" in meta else {}
    for mode in labels.POD_SECURITY_MODES:
        made[labels.POD_SECURITY_PREFIX + mode] = level
    if tenant.project:
        made[labels.PROJECT] = tenant.project.name
    meta["labels"] = made
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
