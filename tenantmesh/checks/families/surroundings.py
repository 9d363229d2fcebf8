"""Ways to what is shared: a tenant's egress is for pods that it needs there, by their labels, DNS and istiod too."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.crossing import Crossing
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.matrix import port_names
from tenantmesh.checks.outcome import Outcome, allowing, finding
from tenantmesh.checks.rules import exposure as rules
from tenantmesh.checks.witness import ANY_POD
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.opening import Direction
from tenantmesh.graph.verdict import Answer

_OTHER = "tenantmesh-probe"


def check(context: Context, outcome: Outcome) -> None:
    """Add a tenant's ways to pods of a shared namespace, whatever the values of their labels."""
    told: set[tuple[str, str]] = set()
    asked: set[tuple[int, str]] = set()
    for crossing in outcome.shared:
        opening = crossing.opening
        key = (opening.namespace, crossing.namespace)
        # A rule's openings for each of its protocols have one evidence, and the same pods.
        rule = (id(opening.evidence), crossing.namespace)
        if opening.direction is Direction.EGRESS and key not in told and rule not in asked:
            asked.add(rule)
            if _is_wide(context, crossing):
                told.add(key)
                outcome.findings += _wide(context, outcome.tenant, crossing)


def _is_wide(context: Context, crossing: Crossing) -> bool:
    """Whether the opening asks for no label, or is for a pod with other values of those that it asks for too.

    A port tells nobody apart: whatever runs in the namespace tomorrow may listen there.
    """
    opening = crossing.opening
    if opening.peer is None or not opening.peer.labels:
        return True
    other = Workload(namespace=crossing.namespace, name=ANY_POD, labels=dict.fromkeys(opening.peer.labels, _OTHER))
    return context.layers.network.verdict(opening.workload, other, opening.request).answer is Answer.ALLOWED


def _wide(context: Context, tenant: str, crossing: Crossing) -> Iterator[Finding]:
    opening = crossing.opening
    labels = opening.peer.labels if opening.peer else {}
    ports = ", ".join(sorted(port_names(opening.ports, opening.request.protocol)))
    by = allowing(context, opening.evidence, opening.namespace)
    pods = f"pods of any {' and '.join(labels)}" if labels else "all pods"
    yield finding(
        rules.SHARED_WIDE,
        (tenant,),
        by,
        witness=f"{opening.workload} -> any pod of {crossing.namespace}:{opening.request.port}",
        message=f"{opening.namespace}: {' and '.join(str(one.key) for one in by)} lets out to {pods} of "
        f"{crossing.namespace} on {ports}",
        evidence=opening.evidence,
    )
