"""Topology: whether anything keeps the sidecars of a tenant to what they need."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import spec
from tenantmesh.checks.rules import routing as rules
from tenantmesh.graph.flow import Proxy

_KIND = ("networking.istio.io", "Sidecar")


def check(context: Context, outcome: Outcome) -> None:
    """Add the namespaces whose sidecars are under no Sidecar; without sidecars there is nothing to scope."""
    if not context.has_mesh:
        return
    for namespace in context.intent.tenants[outcome.tenant]:
        if context.proxy_in(namespace) is Proxy.SIDECAR:
            outcome.findings += _unscoped(context, outcome.tenant, namespace)


def _unscoped(context: Context, tenant: str, namespace: str) -> Iterator[Finding]:
    sidecars = context.cluster.objects(*_KIND)
    around = (*sidecars.get(namespace, ()), *sidecars.get(context.cluster.mesh.root_namespace, ()))
    if not any(not spec(one).get("workloadSelector") for one in around):
        yield finding(
            rules.SIDECAR_MISSING,
            (tenant,),
            context.namespace_object(namespace),
            witness=f"a pod of namespace {namespace} asks its proxy for all clusters",
            message=f"no Sidecar holds for namespace {namespace}",
        )
