"""A sample of a cluster: of tenants that are alike the first two, whoever they have to do with, and a stranger to each.

What is proven of a tenant there holds in the whole cluster as long as nothing is found: whoever was left out stands to
the tenant as somebody does who was not. docs/decisions/alike-tenants.md has the argument.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set

from msgspec import Struct

from tenantmesh.checks.alike.names_apart import mentioned
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import Intent
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.layers import Layers

PROVEN = 2
"""So many tenants of each kind are proven."""
_MOST_KINDS = 64
_MOST_NEIGHBOURS = 100
_NOBODY: Set[str] = frozenset()


class Sample(Struct, frozen=True, kw_only=True):
    """What is read in place of the whole cluster.

    `complete` are the tenants in it whose neighbours all are too. The `spare` ones are there for others' sake: what is
    found of them alone is found of the first of their kind too, or comes of what was left out.
    """

    context: Context
    complete: Set[str]
    spare: Set[str]

    def is_clean(self, found: Iterable[Finding]) -> bool:
        """Whether what was found in the sample is nothing that the whole cluster could have."""
        return all(one.tenants and set(one.tenants) <= self.spare for one in found)


def sample(context: Context, groups: Sequence[Sequence[str]], *, changed: Collection[str] = ()) -> Sample | None:
    """The sample for tenants in `groups` of those that are alike; None where it would spare little.

    `changed` are no longer in a group; whomever their objects name is in the sample, whether they declare it or not.
    """
    tenants = context.intent.tenants
    large = [some for some in groups if len(some) > PROVEN]
    proven = {tenant for some in large for tenant in some[:PROVEN]}
    followers = {tenant for some in large for tenant in some[PROVEN:]}
    if len(followers) * 2 <= len(tenants) or len(large) > _MOST_KINDS:
        return None
    near = _neighbours(context.intent)
    named = mentioned(context, changed)
    if named is None:
        return None
    own = set(tenants) - followers
    kept = own | named
    for tenant in own:
        met = near.get(tenant, _NOBODY)
        if len(met) <= _MOST_NEIGHBOURS:
            kept.update(met, _strangers(tenant, met, large))
    complete = frozenset(tenant for tenant in kept if near.get(tenant, _NOBODY) <= kept)
    if not proven <= complete:
        return None
    return Sample(context=_within(context, kept), complete=complete, spare=frozenset(kept & followers))


def _neighbours(intent: Intent) -> Mapping[str, Set[str]]:
    """The tenants that each tenant has declared something with, or that did so with it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    owners = intent.owners
    for word in intent.words:
        owner, caller = owners.get(word.owner), owners.get(word.caller)
        if owner is not None and caller is not None:
            found[owner].add(caller)
            found[caller].add(owner)
    return found


def _strangers(tenant: str, met: Set[str], groups: Iterable[Sequence[str]]) -> Iterator[str]:
    """Of each group one that a tenant has nothing to do with."""
    for some in groups:
        yield from next(((other,) for other in some if other != tenant and other not in met), ())


def _within(context: Context, kept: Set[str]) -> Context:
    owners = context.intent.owners
    spaces = [one for one in context.cluster.namespaces if one not in owners or owners[one] in kept]
    cluster = context.cluster.within(spaces)
    return Context(cluster=cluster, intent=context.intent.within(kept), layers=Layers.of(cluster), today=context.today)
