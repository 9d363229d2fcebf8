"""Priorities: pods of a tenant that could push the pods of others from their nodes."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, part, parts, spec, text, texts
from tenantmesh.checks.rules import quota as rules
from tenantmesh.graph.api import Power

_SYSTEM = ("system-cluster-critical", "system-node-critical")
"""The classes that every cluster has, above all others; any namespace may use them."""
_SCOPE = "PriorityClass"


def check(context: Context, outcome: Outcome) -> None:
    """Add the pods of a system priority, and the people who may make some that no quota counts."""
    for namespace in context.intent.tenants[outcome.tenant]:
        outcome.findings += _taken(context, outcome.tenant, namespace)
        outcome.findings += _free(context, outcome.tenant, namespace)


def _taken(context: Context, tenant: str, namespace: str) -> Iterator[Finding]:
    for pod in context.cluster.workloads.get(namespace, ()):
        name = text(pod.spec.get("priorityClassName"))
        if name in _SYSTEM and pod.object:
            yield finding(
                rules.SYSTEM_PRIORITY,
                (tenant,),
                (pod.object,),
                witness=f"{pod} finds no room, and a pod of another tenant is evicted",
                message=f"{pod.object.key} has the priority {name}",
                fix="take priorityClassName away",
            )


def _free(context: Context, tenant: str, namespace: str) -> Iterator[Finding]:
    quotas = context.cluster.objects("", "ResourceQuota").get(namespace, ())
    free = [name for name in _SYSTEM if not any(_counts(spec(one), name) for one in quotas)]
    makers = [
        held
        for held in (context.layers.api.powers(namespace) if free else ())
        if held.power is Power.RUN_PODS and not context.intent.is_shared(held.subject.home)
    ]
    if makers:
        yield finding(
            rules.SYSTEM_PRIORITY,
            (tenant,),
            quotas or context.namespace_object(namespace),
            witness=f"{makers[0].call}, of the priority {free[0]}",
            message=f"namespace {namespace}: {makers[0].subject} can run pods, and no quota counts {' or '.join(free)}",
            evidence=makers[0].evidence,
        )


def _counts(quota: Part, name: str) -> bool:
    """Whether a quota bounds the pods of a class, and not all pods alike."""
    if not {"pods", "count/pods"} & set(part(quota, "hard")):
        return False
    terms = parts(part(quota, "scopeSelector").get("matchExpressions"))
    return bool(terms) and all(term.get("scopeName") == _SCOPE and _fits(term, name) for term in terms)


def _fits(term: Part, name: str) -> bool:
    match term.get("operator"):
        case "Exists":
            return True
        case "In":
            return name in texts(term.get("values"))
        case "NotIn":
            return name not in texts(term.get("values"))
        case _:
            return False
