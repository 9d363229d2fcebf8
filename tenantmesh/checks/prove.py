"""The proof: each tenant's part by itself, then what only all tenants together can break."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from operator import attrgetter

from tenantmesh.checks.alike.deriving import Pattern, is_borne_out
from tenantmesh.checks.alike.exchanging import Proven
from tenantmesh.checks.alike.names_apart import Key, alike
from tenantmesh.checks.alike.sampling import PROVEN, Sample, sample
from tenantmesh.checks.claims import overlaps
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import Intent
from tenantmesh.checks.exempting import judged
from tenantmesh.checks.families import ONE_BY_ONE, PER_CLUSTER, PER_TENANT
from tenantmesh.checks.families.meshes import assumptions
from tenantmesh.checks.families.trust import unread
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.granting import grants, halves
from tenantmesh.checks.isolation import isolate
from tenantmesh.checks.kinds import unknown_kinds
from tenantmesh.checks.layers import Layers
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.proof import Fence, Proof, Shown, ShownLater, TenantClass, Unproven
from tenantmesh.checks.relay import relays
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.witness import fence_flow
from tenantmesh.garbage import patient_collector
from tenantmesh.graph.cluster import Cluster

_FEW = 8
"""As many tenants, and one in as many, are proven sooner than it is known who is like them."""
_PLACE = attrgetter("source", "destination", "declared")
"""Where an edge stands in the matrix."""


def prove(cluster: Cluster, intent: Intent, *, today: datetime.date, layers: Layers | None = None) -> Proof:
    """What holds between the tenants of `intent`, by the objects of `cluster`, on the day `today`.

    `layers` are those of the graph unless others are given.
    """
    return Prover(cluster, intent, today=today, layers=layers).proof()


class Prover:
    """A proof that can be brought up to date: the parts of tenants that did not change are kept.

    `kinds` says which tenants are alike, so that what is proven of some holds for the others; with layers that are
    given, of which the objects need not tell all, nobody is.
    """

    def __init__(
        self,
        cluster: Cluster,
        intent: Intent,
        *,
        today: datetime.date,
        layers: Layers | None = None,
        kinds: Callable[[Context], Mapping[str, Key]] = alike,
    ) -> None:
        self._context = Context(cluster=cluster, intent=intent, layers=layers or Layers.of(cluster), today=today)
        self._kinds = kinds if layers is None else _unlike
        self._sample: Sample | None = None
        self._groups: list[list[str]] = []
        self._outcomes: dict[str, Outcome] = {}
        self._proven: dict[str, Outcome] = {}

    def proof(self) -> Proof:
        """The proof of all tenants; only parts that are not known yet are worked out."""
        with patient_collector():
            return self._proof()

    def _proof(self) -> Proof:
        context = self._context
        self._work_out()
        parts = [self._outcomes[tenant] for tenant in context.intent.tenants]
        unproven = _unproven(context, parts)
        exemptions = (*context.intent.exemptions, *context.intent.permitted)
        outcome = judged((*self._findings(parts), *map(_not_understood, unproven)), exemptions, context.today)
        return Proof(
            tenants=tuple(context.intent.tenants),
            shared=tuple(sorted(context.intent.shared)),
            matrix=tuple(sorted((edge for part in parts for edge in part.edges), key=_PLACE)),
            findings=outcome.standing,
            exempted=outcome.exempted,
            unproven=unproven,
            assumptions=tuple(_assumptions(context)),
            classes=_classes(parts),
            fences=tuple(part.fence for part in parts if part.fence),
        )

    def updated(
        self, cluster: Cluster, intent: Intent, tenants: Iterable[str], *, layers: Layers | None = None
    ) -> "Prover":
        """A prover of `cluster`, in which only objects in the namespaces of `tenants` differ.

        Kept are the parts of all tenants that are not named and have nothing to do with one that is. A change of a
        namespace's labels, of a shared namespace or of what belongs to the whole cluster needs a new prover.
        """
        made = Prover(cluster, intent, today=self._context.today, layers=layers)
        changed = set(tenants)
        made._outcomes = {
            tenant: outcome
            for tenant, outcome in self._outcomes.items()
            if tenant in intent.tenants and tenant not in changed and not outcome.parties & changed
        }
        made._groups = [[tenant for tenant in some if tenant in made._outcomes] for some in self._groups]
        return made

    def _work_out(self) -> None:
        """Add the outcomes that are not known yet. Of tenants that are alike two are proven, the others follow."""
        tenants = self._context.intent.tenants
        missing = [tenant for tenant in tenants if tenant not in self._outcomes]
        if len(missing) > max(_FEW, len(tenants) // _FEW):
            keys = self._kinds(self._context)
            groups: defaultdict[object, list[str]] = defaultdict(list)
            # The usual ones of a kind come first, for these are proven, and of them most are shown.
            for tenant in sorted(missing, key=lambda one: one in keys and not keys[one].is_usual):
                groups[keys[tenant].kind if tenant in keys else tenant].append(tenant)
            self._groups = list(groups.values())
            self._sample = sample(self._context, self._groups)
            for members in self._groups:
                self._prove(members, keys)
        else:
            self._sample = sample(self._context, self._groups, changed=missing)
            for tenant in missing:
                self._outcomes[tenant] = self._sampled(tenant) or self._plain(tenant)

    def _prove(self, members: list[str], keys: Mapping[str, Key]) -> None:
        for tenant in members[:PROVEN]:
            self._outcomes[tenant] = self._sampled(tenant) or self._plain(tenant)
        pattern = self._pattern(members, keys) if len(members) > PROVEN else None
        for tenant in members[PROVEN:]:
            follows = pattern.follow(self._context, tenant, keys[tenant], self._plain) if pattern else None
            self._outcomes[tenant] = follows or self._plain(tenant)

    def _pattern(self, members: list[str], keys: Mapping[str, Key]) -> Pattern | None:
        """What follows for others from the first; nothing if for the second something else follows than is proven."""
        first, second, *_ = members
        shown = (Proven(self._outcomes[one], keys[one].names) for one in (first, second))
        pattern = Pattern.of(self._context, *shown)
        follows = pattern.follow(self._context, second, keys[second], self._plain) if pattern else None
        return pattern if follows and is_borne_out(follows, self._outcomes[second]) else None

    def _sampled(self, tenant: str) -> Outcome | None:
        """The outcome of a tenant in the sample, if there is one and nothing is found."""
        if self._sample is None or tenant not in self._sample.complete:
            return None
        found = _part(self._sample.context, tenant)
        return None if found.findings or found.unproven else found

    def _plain(self, tenant: str) -> Outcome:
        """The outcome of a tenant by its own objects, whoever may be like it."""
        found = self._proven.get(tenant)
        if found is None:
            found = self._proven[tenant] = _part(self._context, tenant)
        return found

    def _findings(self, parts: list[Outcome]) -> Iterator[Finding]:
        shared = [(part.tenant, crossing) for part in parts for crossing in part.shared]
        for part in parts:
            yield from part.findings
        yield from halves(self._context)
        yield from overlaps(claim for part in parts for claim in part.claims)
        yield from self._of_all(lambda context: relays(context, shared))
        for check in PER_CLUSTER:
            yield from self._of_all(check)
        for check in ONE_BY_ONE:
            yield from check(self._context)

    def _of_all(self, check: Callable[[Context], Iterable[Finding]]) -> Iterable[Finding]:
        """What a check finds in the whole cluster, which is not asked where the sample has nothing."""
        if self._sample is not None and self._sample.is_clean(check(self._sample.context)):
            return ()
        return check(self._context)


def _unlike(_: Context) -> Mapping[str, Key]:
    return {}


def _part(context: Context, tenant: str) -> Outcome:
    outcome = Outcome(tenant=tenant)
    isolate(context, outcome)
    grants(context, outcome)
    for check in PER_TENANT:
        check(context, outcome)
    outcome.fence = Fence(tenant=tenant, shown=ShownLater(partial(_fence, context, tenant)))
    outcome.edges = tuple(outcome.matrix.edges(context.layers))
    return outcome


def _fence(context: Context, tenant: str) -> Shown:
    flow = fence_flow(context, tenant)
    return Shown(str(flow), context.layers.verdict(flow))


def _unproven(context: Context, parts: Iterable[Outcome]) -> tuple[Unproven, ...]:
    doubts = (*(one for part in parts for one in part.unproven), *unknown_kinds(context))
    found = {(one.reason, one.tenants): one for one in doubts}
    return tuple(found[key] for key in sorted(found))


def _not_understood(one: Unproven) -> Finding:
    objects = (one.object,) if one.object else ()
    return finding(rules.NOT_UNDERSTOOD, one.tenants, objects, witness="", message=one.reason)


def _assumptions(context: Context) -> Iterator[str]:
    if not context.has_mesh:
        yield "there is no mesh among the objects: identity and routing keep nobody apart, and are not held to"
    elif context.cluster.mesh.assumed:
        yield "nothing says how the mesh is set, so Istio's defaults are assumed"
    yield from assumptions(context)
    hidden = unread(context)
    if hidden:
        yield f"{hidden} Secrets of tenants hold what can't be read here, so whether tenants share it is not known"
    for word in context.intent.abroad:
        yield f"{word}: the other namespace is not among the objects, so its half is not known"


def _classes(parts: Iterable[Outcome]) -> tuple[TenantClass, ...]:
    found: defaultdict[object, list[str]] = defaultdict(list)
    # Tenants that follow from one have its very shape: to compare shapes once for each is enough.
    shapes: dict[int, object] = {}
    kinds: dict[tuple[object, ...], object] = {}
    for part in parts:
        shape = shapes.setdefault(id(part.shape), None) or kinds.setdefault(part.shape, part.shape)
        shapes[id(part.shape)] = shape
        found[id(shape), tuple(sorted(one.rule.id for one in part.findings))].append(part.tenant)
    return tuple(TenantClass(tenants=tuple(some)) for some in sorted(found.values()))
