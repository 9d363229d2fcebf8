"""Mutual TLS: every pod of a tenant, made or not, asks its peers for an identity on every port."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.outcome import Outcome, deciders, finding
from tenantmesh.checks.parts import labels, part, spec
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.witness import ANY_POD, pod_in, stranger
from tenantmesh.graph.flow import Proxy, Request, Workload
from tenantmesh.graph.identity.peer import Asked, Mode
from tenantmesh.graph.verdict import Answer, Effect

_MEMBERS = (Proxy.AMBIENT, Proxy.SIDECAR)
_ANY_PORT = 65534
"""A port that no policy names, for what holds on all others."""


def check(context: Context, outcome: Outcome) -> None:
    """Add the workloads and ports that take plain text; where there is no mesh nothing asks for an identity."""
    for namespace in context.intent.tenants[outcome.tenant] if context.has_mesh else ():
        outcome.findings += _without_deny(context, outcome.tenant, namespace)
        said: set[tuple[str, str]] = set()
        for pod in _pods(context, namespace):
            for port in (_ANY_PORT, *context.peers.ports(pod)):
                asked = context.peers.asked(pod, port)
                key = (str(asked.object.key) if asked.object else "", asked.path)
                if asked.mode is not Mode.STRICT and key not in said:
                    said.add(key)
                    if asked.unknown and asked.object:
                        reason = f"identity: {asked.object.key}: {asked.unknown} ({asked.path})"
                        outcome.unproven.append(Unproven(tenants=(outcome.tenant,), reason=reason, object=asked.object))
                    else:
                        outcome.findings.append(_permissive(context, outcome.tenant, pod, port, asked))


def _without_deny(context: Context, tenant: str, namespace: str) -> Iterator[Finding]:
    """A stranger who is kept out, but by no DENY; one who is let in is found by his way in."""
    if context.proxy_in(namespace) not in _MEMBERS:
        return
    flow = Flow(stranger(context), pod_in(context, namespace), Request(port=_ANY_PORT))
    verdict = context.layers.identity.verdict(flow.source, flow.destination, flow.request)
    denying = deciders(verdict.evidence, Effect.DENIES)
    if verdict.answer is Answer.DENIED and not any(spec(one).get("action") == "DENY" for one in denying):
        allows = [one for one in denying if one.key.kind == "AuthorizationPolicy"]
        yield finding(
            rules.DENY_MISSING,
            (tenant,),
            allows or context.namespace_object(namespace),
            witness=f"a new ALLOW for everybody, and then {flow}",
            message=f"namespace {namespace}: no DENY keeps strangers out, only that no ALLOW lets them in",
        )


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
    where = f" on port {port}" if port != _ANY_PORT else ""
    by = f"{asked.object.key} sets {asked.path} to {asked.mode}" if asked.object else "no PeerAuthentication holds"
    return finding(
        rules.PERMISSIVE_MTLS,
        (tenant,),
        (asked.object,) if asked.object else context.namespace_object(pod.namespace),
        witness=f"somebody without an identity sends plain text to {pod}{where}",
        message=f"{pod.namespace}: {by}, so {pod} takes plain text{where}",
    )
