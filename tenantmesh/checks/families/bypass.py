"""Bypass: workloads of a tenant that go around their proxies, or could."""

from tenantmesh.checks.context import Context
from tenantmesh.checks.families.exposure import by_workload, unknown_facts
from tenantmesh.checks.outcome import Outcome
from tenantmesh.checks.rules import exposure as rules
from tenantmesh.graph.bypass import Bypass

# What an image may do by itself is not known from its pod; the egress policy is what holds such a pod.
_POSSIBLE = frozenset({Bypass.USER_UNSET})


def check(context: Context, outcome: Outcome) -> None:
    """Add what goes around the mesh in a tenant's namespaces; without a mesh nothing does."""
    if not context.has_mesh:
        return
    for namespace in context.intent.tenants[outcome.tenant]:
        found = context.bypasses.of(namespace)
        outcome.unproven += unknown_facts(outcome.tenant, found)
        known = [one for one in found if not one.unknown and one.kind not in _POSSIBLE]
        outcome.findings += by_workload(rules.MESH_BYPASS, outcome.tenant, known)
