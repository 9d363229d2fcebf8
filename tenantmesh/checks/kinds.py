"""Kinds that nothing understands: what they leave undecided, and for whom."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.proof import EVERY_TENANT, Unproven
from tenantmesh.graph import strangers


def unknown_kinds(context: Context) -> Iterator[Unproven]:
    """One doubt for each kind that is not understood, or not shown, and that the intent does not call harmless."""
    for found in strangers.unknown_kinds(context.cluster, frozenset(context.intent.harmless_kinds)):
        first = next(one for objects in found.objects.values() for one in objects)
        owners = {context.intent.owners.get(namespace, EVERY_TENANT) for namespace in found.objects}
        tenants = (EVERY_TENANT,) if EVERY_TENANT in owners else tuple(sorted(owners))
        reason = f"objects of the kind {found.name} are there, which is not understood: it {found.reason}"
        yield Unproven(tenants=tenants, reason=reason, object=first)
    for kind in context.cluster.unread:
        if not {kind.kind, str(kind)} & frozenset(context.intent.harmless_kinds):
            reason = f"objects of the kind {kind} may be there, and the cluster does not show them: {kind.reason}"
            yield Unproven(tenants=(EVERY_TENANT,), reason=reason)
