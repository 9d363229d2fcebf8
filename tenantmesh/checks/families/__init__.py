"""The checks of every family: those of one tenant, and those that need all tenants."""

from collections.abc import Callable, Iterable

from tenantmesh.checks.context import Context
from tenantmesh.checks.families import (
    accounts,
    admission,
    allowing,
    api,
    bypass,
    callers,
    exits,
    exposure,
    fronts,
    hosts,
    hygiene,
    identity,
    mentions,
    meshes,
    network,
    origination,
    outward,
    priority,
    quota,
    ranges,
    routing,
    surroundings,
    tokens,
    topology,
    trust,
)
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome

PER_TENANT: tuple[Callable[[Context, Outcome], None], ...] = (
    identity.check,
    allowing.check,
    network.check,
    outward.check,
    surroundings.check,
    routing.check,
    mentions.check,
    topology.check,
    trust.check,
    meshes.check,
    bypass.check,
    exposure.check,
    fronts.check,
    hosts.check,
    tokens.check,
    ranges.check,
    callers.check,
    exits.check,
    origination.check,
    quota.check,
    priority.check,
    api.check,
    admission.check,
    hygiene.check,
    accounts.check,
)
"""Each adds what it finds to one tenant's outcome."""
PER_CLUSTER: tuple[Callable[[Context], Iterable[Finding]], ...] = (
    api.check_cluster,
    hygiene.check_cluster,
    routing.check_cluster,
    meshes.check_cluster,
)
"""Each gives what no tenant's objects break alone; of tenants that are alike, the first break what the others do."""
ONE_BY_ONE: tuple[Callable[[Context], Iterable[Finding]], ...] = (trust.check_cluster,)
"""The same, by what tenants have of their own even if they are alike: keys."""
