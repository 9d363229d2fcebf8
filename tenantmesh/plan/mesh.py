"""What tenants share: the control plane's settings as data, and the few objects that hold for the whole mesh."""

from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import networking, security
from tenantmesh.plan.kinds.meta import ObjectMeta
from tenantmesh.plan.telemetry.logging import log_settings
from tenantmesh.plan.telemetry.scraping import plan_scraping, statistics
from tenantmesh.plan.telemetry.tracing import plan_collector, tracing_settings
from tenantmesh.plan.trust import (
    AuthorityMaterial,
    plan_authority,
    signer_names,
    trust_config,
    trust_environment,
    trust_metadata,
)
from tenantmesh.schema import check_body
from tenantmesh.spec import labels
from tenantmesh.spec.mesh import MeshSpec


def plan_mesh(mesh: MeshSpec, authority: AuthorityMaterial | None = None) -> tuple[Body, ...]:
    """The objects of the root namespace; the namespace itself only where the mesh is to make it.

    `authority` is what the mesh's own became, where it has one.

    Raises:
        BodyError: an object does not fit the schema of its kind.
    """
    root = mesh.control_plane.namespace
    bodies: list[Body] = [_sidecar(root), _strict(root)]
    if mesh.control_plane.create_namespace:
        bodies.insert(0, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": root, "labels": _managed()}})
    bodies += [*plan_scraping(mesh.telemetry.namespace), *plan_collector(mesh)]
    if authority:
        bodies.append(plan_authority(mesh, authority))
    for body in bodies:
        check_body(body)
    return tuple(bodies)


def mesh_config(mesh: MeshSpec) -> dict[str, Any]:
    """Istio's MeshConfig: nothing leaves unasked, and nothing is seen outside its namespace unasked.

    https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
    """
    return {
        **log_settings(mesh.telemetry.access_log),
        **tracing_settings(mesh),
        "defaultConfig": {"holdApplicationUntilProxyStarts": True, **statistics(), **trust_metadata(mesh.trust)},
        "defaultDestinationRuleExportTo": ["."],
        "defaultServiceExportTo": ["."],
        "defaultVirtualServiceExportTo": ["."],
        "discoverySelectors": [
            {"matchExpressions": [{"key": labels.TENANT, "operator": "Exists"}]},
            {"matchLabels": {labels.NAMESPACE_NAME: mesh.control_plane.namespace}},
        ],
        "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"},
        "pathNormalization": {"normalization": "DECODE_AND_MERGE_SLASHES"},
        "rootNamespace": mesh.control_plane.namespace,
        "trustDomain": mesh.trust_domain,
        **({"trustDomainAliases": list(mesh.trust_domain_aliases)} if mesh.trust_domain_aliases else {}),
        **trust_config(mesh.trust),
    }


def istiod_environment(mesh: MeshSpec) -> dict[str, str]:
    """istiod's environment: a Gateway works in its own namespace only, and a gateway holds only what it routes to.

    https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars
    """
    scoped = {"PILOT_FILTER_GATEWAY_CLUSTER_CONFIG": "true", "PILOT_SCOPE_GATEWAY_TO_NAMESPACE": "true"}
    return {**trust_environment(mesh.trust), **scoped}


def helm_values(mesh: MeshSpec) -> dict[str, Any]:
    """Values for Istio's own chart `istiod`; no gateway is shared. Sidecars are bounded to fit small quotas."""
    proxy = {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "20m", "memory": "64Mi"}}
    revision = mesh.control_plane.revision
    return {
        "global": {
            "istioNamespace": mesh.control_plane.namespace,
            "proxy": {"resources": proxy},
            **signer_names(mesh.trust),
        },
        "meshConfig": mesh_config(mesh),
        "pilot": {"cni": {"enabled": True}, "env": istiod_environment(mesh)},
        **({"revision": revision} if revision else {}),
    }


def _managed() -> dict[str, str]:
    return {labels.COMPONENT: "mesh", labels.MANAGED_BY: labels.MANAGER}


def _meta(root: str) -> ObjectMeta:
    return {"name": "default", "namespace": root, "labels": _managed()}


def _strict(root: str) -> security.PeerAuthentication:
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": _meta(root),
        "spec": {"mtls": {"mode": "STRICT"}},
    }


def _sidecar(root: str) -> networking.Sidecar:
    """What a namespace without a Sidecar of its own gets: itself and the control plane."""
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Sidecar",
        "metadata": _meta(root),
        "spec": {"egress": [{"hosts": ["./*", f"{root}/*"]}], "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}},
    }
