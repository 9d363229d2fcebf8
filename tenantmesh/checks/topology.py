"""Topology: whose services the sidecars of a tenant know."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import parts, spec, texts
from tenantmesh.checks.rules import routing as rules
from tenantmesh.graph.flow import Proxy
from tenantmesh.manifest import ManifestObject

_KIND = ("networking.istio.io", "Sidecar")
_NOTHING = "~"


def check(context: Context, outcome: Outcome) -> None:
    """Add what a tenant's sidecars see of others; without sidecars there is nothing to scope."""
    if not context.has_mesh:
        return
    for namespace in context.intent.tenants[outcome.tenant]:
        if context.proxy_in(namespace) is Proxy.SIDECAR:
            outcome.findings += _unscoped(context, outcome.tenant, namespace)
        for one in context.cluster.objects(*_KIND).get(namespace, ()):
            outcome.findings += _seen(context, outcome.tenant, namespace, one)


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


def _seen(context: Context, tenant: str, namespace: str, one: ManifestObject) -> Iterator[Finding]:
    for index, listener in enumerate(parts(spec(one).get("egress"))):
        for host_index, host in enumerate(texts(listener.get("hosts"))):
            place, _, name = host.rpartition("/")
            other = _whose(context, tenant, namespace, place, name)
            if other:
                path = f"spec.egress[{index}].hosts[{host_index}]"
                yield finding(
                    rules.SEES_TENANT,
                    (tenant,) if other == "*" else (tenant, other),
                    (one,),
                    witness=f"a pod of namespace {namespace} reads the endpoints of {host} from its proxy",
                    message=f"{one.key} sees {'every tenant' if other == '*' else other} at {path}: {host}",
                )


def _whose(context: Context, tenant: str, namespace: str, place: str, host: str) -> str:
    """The tenant whose services `place/host` shows without a grant, `*` for everybody's, "" for nobody's."""
    if place in (".", _NOTHING) or context.intent.is_shared(place):
        return ""
    if place in ("", "*"):
        # A full name shows one service, and only if its owner exports it.
        return "*" if host == "*" else ""
    other = context.intent.owners.get(place, place)
    if other == tenant:
        return ""
    words = context.intent.imported.get(namespace, {}).get(place, ())
    return "" if any(_is_named(word.service, host) for word in words) else other


def _is_named(service: str, host: str) -> bool:
    return not service or host.partition(".")[0] == service
