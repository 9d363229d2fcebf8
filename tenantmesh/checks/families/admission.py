"""Admission: pods that could be made in a tenant's namespaces, which no standard holds to being pods."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.rules import exposure as rules
from tenantmesh.graph.api import Power

ENFORCED = "pod-security.kubernetes.io/enforce"
_HOLDING = frozenset({"baseline", "restricted"})


def check(context: Context, outcome: Outcome) -> None:
    """Add the namespaces in which people of a tenant may make pods, and no Pod Security Standard refuses any."""
    for namespace in context.intent.tenants[outcome.tenant]:
        if context.cluster.namespaces[namespace].labels.get(ENFORCED) not in _HOLDING:
            outcome.findings += _unheld(context, outcome.tenant, namespace)


def _unheld(context: Context, tenant: str, namespace: str) -> Iterator[Finding]:
    makers = [
        held
        for held in context.layers.api.powers(namespace)
        if held.power is Power.RUN_PODS and not context.intent.is_shared(held.subject.home)
    ]
    if makers:
        first = makers[0]
        yield finding(
            rules.ESCAPES,
            (tenant,),
            context.namespace_object(namespace),
            witness=f"{first.call}, with hostNetwork or a hostPath in the pod",
            message=f"namespace {namespace}: {first.subject} can {first.power}, and no {ENFORCED} holds them",
            fix=f"set {ENFORCED}: baseline or restricted on namespace {namespace}",
            evidence=first.evidence,
        )
