"""The proof: each tenant's part by itself, then what only all tenants together can break."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tenantmesh.checks.claims import overlaps
from tenantmesh.checks.context import Context
from tenantmesh.checks.exempting import judged
from tenantmesh.checks.families import PER_CLUSTER, PER_TENANT
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.granting import grants, halves
from tenantmesh.checks.intent import Intent
from tenantmesh.checks.isolation import isolate
from tenantmesh.checks.kinds import unknown_kinds
from tenantmesh.checks.layers import Layers
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.proof import Edge, Fence, Proof, TenantClass, Unproven
from tenantmesh.checks.relay import relays
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.trust import unread
from tenantmesh.checks.witness import fence_flow
from tenantmesh.garbage import patient_collector
from tenantmesh.graph.cluster import Cluster


def prove(cluster: Cluster, intent: Intent, *, today: datetime.date, layers: Layers | None = None) -> Proof:
    """What holds between the tenants of `intent`, by the objects of `cluster`, on the day `today`.

    `layers` are those of the graph unless others are given.
    """
    return Prover(cluster, intent, today=today, layers=layers).proof()


class Prover:
    """A proof that can be brought up to date: the parts of tenants that did not change are kept."""

    def __init__(self, cluster: Cluster, intent: Intent, *, today: datetime.date, layers: Layers | None = None) -> None:
        self._context = Context(cluster=cluster, intent=intent, layers=layers or Layers.of(cluster), today=today)
        self._outcomes: dict[str, Outcome] = {}

    def proof(self) -> Proof:
        """The proof of all tenants; only parts that are not known yet are worked out."""
        with patient_collector():
            return self._proof()

    def _proof(self) -> Proof:
        context = self._context
        parts = [self._outcome(tenant) for tenant in context.intent.tenants]
        unproven = _unproven(context, parts)
        outcome = judged(
            (*_findings(context, parts), *map(_not_understood, unproven)), context.intent.exemptions, context.today
        )
        return Proof(
            tenants=tuple(context.intent.tenants),
            shared=tuple(sorted(context.intent.shared)),
            matrix=tuple(sorted((edge for part in parts for edge in part.edges), key=_edge_order)),
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
        return made

    def _outcome(self, tenant: str) -> Outcome:
        found = self._outcomes.get(tenant)
        if found is None:
            found = self._outcomes[tenant] = _part(self._context, tenant)
        return found


def _part(context: Context, tenant: str) -> Outcome:
    outcome = Outcome(tenant=tenant)
    isolate(context, outcome)
    grants(context, outcome)
    for check in PER_TENANT:
        check(context, outcome)
    flow = fence_flow(context, tenant)
    outcome.fence = Fence(tenant=tenant, witness=str(flow), verdict=context.layers.verdict(flow))
    outcome.edges = tuple(outcome.matrix.edges(context.layers))
    return outcome


def _findings(context: Context, parts: list[Outcome]) -> Iterator[Finding]:
    for part in parts:
        yield from part.findings
    yield from halves(context)
    yield from overlaps(claim for part in parts for claim in part.claims)
    yield from relays(context, (crossing for part in parts for crossing in part.shared))
    for check in PER_CLUSTER:
        yield from check(context)


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
    hidden = unread(context)
    if hidden:
        yield f"{hidden} Secrets of tenants hold what can't be read here, so whether tenants share it is not known"
    for word in context.intent.abroad:
        yield f"{word}: the other namespace is not among the objects, so its half is not known"


def _classes(parts: Iterable[Outcome]) -> tuple[TenantClass, ...]:
    found: defaultdict[object, list[str]] = defaultdict(list)
    for part in parts:
        found[part.shape, tuple(sorted(one.rule.id for one in part.findings))].append(part.tenant)
    return tuple(TenantClass(tenants=tuple(some)) for some in sorted(found.values()))


def _edge_order(edge: Edge) -> tuple[str, str, bool]:
    return (edge.source, edge.destination, edge.declared)
