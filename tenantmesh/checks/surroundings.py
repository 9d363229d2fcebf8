"""Ways to what is shared: a tenant's egress is for the pods that it needs there, by labels or by a port of theirs."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.crossing import Crossing
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.matrix import port_names
from tenantmesh.checks.outcome import Outcome, allowing, finding
from tenantmesh.checks.rules import exposure as rules
from tenantmesh.graph.opening import Direction

# Ports that name who is asked as well as labels do: names, and istiod.
_NAMING = frozenset({53, 15010, 15012})


def check(context: Context, outcome: Outcome) -> None:
    """Add a tenant's ways to all pods of a shared namespace."""
    told: set[tuple[str, str]] = set()
    for crossing in outcome.shared:
        opening = crossing.opening
        chosen = opening.peer is not None and opening.peer.labels
        named = opening.ports and all(first == last and first in _NAMING for first, last in opening.ports)
        key = (opening.namespace, crossing.namespace)
        if opening.direction is Direction.EGRESS and not chosen and not named and key not in told:
            told.add(key)
            outcome.findings += _wide(context, outcome.tenant, crossing)


def _wide(context: Context, tenant: str, crossing: Crossing) -> Iterator[Finding]:
    opening = crossing.opening
    ports = ", ".join(sorted(port_names(opening.ports, opening.request.protocol)))
    by = allowing(context, opening.evidence, opening.namespace)
    yield finding(
        rules.SHARED_WIDE,
        (tenant,),
        by,
        witness=f"{opening.workload} -> any pod of {crossing.namespace}:{opening.request.port}",
        message=f"{opening.namespace}: {' and '.join(str(one.key) for one in by)} lets out to all pods of "
        f"{crossing.namespace} on {ports}",
        evidence=opening.evidence,
    )
