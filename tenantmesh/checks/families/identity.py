"""Mutual TLS: every pod of a tenant, made or not, asks its peers for an identity on every port."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.families.denying import ANY_PORT, without_deny
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import labels, part, spec
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.witness import ANY_POD, pod_in
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.identity.peer import Asked, Mode

_MEMBERS = (Proxy.AMBIENT, Proxy.SIDECAR)


def check(context: Context, outcome: Outcome) -> None:
    """Add the workloads and ports that take plain text; where there is no mesh nothing asks for an identity."""
    for namespace in context.intent.tenants[outcome.tenant] if context.has_mesh else ():
        outcome.findings += without_deny(context, outcome.tenant, namespace)
        said: set[tuple[str, str]] = set()
        for pod in _pods(context, namespace):
            for port in (ANY_PORT, *context.peers.ports(pod)):
                asked = context.peers.asked(pod, port)
                key = (str(asked.object.key) if asked.object else "", asked.path)
                if asked.mode is not Mode.STRICT and key not in said:
                    said.add(key)
                    if asked.unknown and asked.object:
                        reason = f"identity: {asked.object.key}: {asked.unknown} ({asked.path})"
                        outcome.unproven.append(Unproven(tenants=(outcome.tenant,), reason=reason, object=asked.object))
                    else:
                        outcome.findings.append(_permissive(context, outcome.tenant, pod, port, asked))


def _pods(context: Context, namespace: str) -> Iterator[Workload]:
    """The members of the mesh that are there, and one for each policy that selects some that are not."""
    for pod in context.cluster.workloads.get(namespace, ()):
        if pod.proxy in _MEMBERS and not context.doors.is_gateway(pod):
            yield pod
    if context.proxy_in(namespace) in _MEMBERS:
        yield pod_in(context, namespace)
        for one in context.cluster.objects("security.istio.io", "PeerAuthentication").get(namespace, ()):
            wanted = labels(part(spec(one), "selector", "matchLabels"))
            if wanted:
                yield pod_in(context, namespace, Workload(namespace=namespace, name=ANY_POD, labels=wanted))


def _permissive(context: Context, tenant: str, pod: Workload, port: int, asked: Asked) -> Finding:
    where = f" on port {port}" if port != ANY_PORT else ""
    by = f"{asked.object.key} sets {asked.path} to {asked.mode}" if asked.object else "no PeerAuthentication holds"
    return finding(
        rules.PERMISSIVE_MTLS,
        (tenant,),
        (asked.object,) if asked.object else context.namespace_object(pod.namespace),
        witness=f"somebody without an identity sends plain text to {pod}{where}",
        message=f"{pod.namespace}: {by}, so {pod} takes plain text{where}",
    )
