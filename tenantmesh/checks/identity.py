"""Mutual TLS: every pod of a tenant, made or not, asks its peers for an identity on every port."""

import re
from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.outcome import Outcome, deciders, finding
from tenantmesh.checks.parts import labels, part, parts, spec
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.witness import ANY_POD, pod_in, stranger
from tenantmesh.graph.flow import Proxy, Request, Workload
from tenantmesh.graph.identity.peer import Asked, Mode
from tenantmesh.graph.verdict import Answer, Effect

_MEMBERS = (Proxy.AMBIENT, Proxy.SIDECAR)
_NAMESPACE = re.compile(r"/ns/([^/]+)/")
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
    """Strangers who are kept out, but by no DENY; one who is let in is found by his way in."""
    if context.proxy_in(namespace) not in _MEMBERS:
        return
    target, request = pod_in(context, namespace), Request(port=_ANY_PORT)
    exempt = [pod_in(context, one) for one in sorted(_exempted(context, tenant, namespace))]
    for source in (stranger(context), *exempt):
        verdict = context.layers.identity.verdict(source, target, request)
        denying = deciders(verdict.evidence, Effect.DENIES)
        if verdict.answer is Answer.DENIED and not any(spec(one).get("action") == "DENY" for one in denying):
            allows = [one for one in denying if one.key.kind == "AuthorizationPolicy"]
            who = f"pods of {source.namespace}" if source in exempt else "strangers"
            yield finding(
                rules.DENY_MISSING,
                (tenant,),
                allows or context.namespace_object(namespace),
                witness=f"a new ALLOW for everybody, and then {Flow(source, target, request)}",
                message=f"namespace {namespace}: no DENY keeps {who} out, only that no ALLOW lets them in",
            )


def _exempted(context: Context, tenant: str, namespace: str) -> set[str]:
    """The namespaces that a DENY names as those it spares, but for the tenant's own and those that may do anything."""
    said = context.intent.exported.get(namespace, {})
    everything = {name for name, words in said.items() if any(not word.ports for word in words)}
    spared: set[str] = set()
    for one in context.cluster.objects("security.istio.io", "AuthorizationPolicy").get(namespace, ()):
        if spec(one).get("action") == "DENY":
            for rule in parts(spec(one).get("rules")):
                for entry in parts(rule.get("from")):
                    source = part(entry, "source")
                    spared |= {str(name) for name in source.get("notNamespaces") or ()}
                    for principal in source.get("notPrincipals") or ():
                        spared |= set(_NAMESPACE.findall(str(principal)))
    return {name for name in spared if "*" not in name} - set(context.intent.tenants[tenant]) - everything


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
