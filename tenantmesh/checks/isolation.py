"""Isolation: what a tenant's openings let through, held against what was granted."""

from collections.abc import Iterable
from itertools import groupby

from tenantmesh.checks.context import Context
from tenantmesh.checks.crossing import Crossing, Other, crossings
from tenantmesh.checks.declarations.permissive import Permitted
from tenantmesh.checks.finding import Finding, Rule
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.matrix import port_names
from tenantmesh.checks.outcome import Outcome, allowing, deciders, finding
from tenantmesh.checks.proof import EVERY_TENANT, OUTSIDE, Unproven
from tenantmesh.checks.rules import exposure as exposure_rules
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.rules import routing as routing_rules
from tenantmesh.checks.witness import ANY_POD, crossing_flow, plain_flows
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Answer, Effect, Layer, LayerVerdict

# What an undeclared way is, by layer, direction and who is at the other end. What is not here is no breach by itself.
_BREACHES: dict[tuple[Layer, Direction, Other], Rule] = {
    (Layer.NETWORK, Direction.INGRESS, Other.TENANT): rules.NETWORK_REACH,
    (Layer.NETWORK, Direction.INGRESS, Other.EVERYBODY): rules.NETWORK_REACH,
    (Layer.NETWORK, Direction.INGRESS, Other.OUTSIDE): exposure_rules.EXPOSED,
    (Layer.NETWORK, Direction.EGRESS, Other.TENANT): rules.NETWORK_REACH,
    (Layer.NETWORK, Direction.EGRESS, Other.EVERYBODY): rules.NETWORK_REACH,
    (Layer.NETWORK, Direction.EGRESS, Other.OUTSIDE): exposure_rules.EGRESS_BYPASS,
    (Layer.IDENTITY, Direction.INGRESS, Other.TENANT): rules.IDENTITY_REACH,
    (Layer.IDENTITY, Direction.INGRESS, Other.EVERYBODY): rules.IDENTITY_REACH,
    (Layer.IDENTITY, Direction.INGRESS, Other.OUTSIDE): rules.IDENTITY_REACH,
}
_UNCOVERED = {Layer.NETWORK: rules.NETWORK_UNCOVERED, Layer.IDENTITY: rules.IDENTITY_UNCOVERED}
_VERBS = {Direction.INGRESS: "lets {other} in to", Direction.EGRESS: "lets out to {other}"}
_PARTIES = {Other.EVERYBODY: EVERY_TENANT, Other.OUTSIDE: OUTSIDE}
_WORDS = {Other.EVERYBODY: "pods of every namespace", Other.OUTSIDE: "addresses outside the cluster"}


def isolate(context: Context, outcome: Outcome) -> None:
    """Add a tenant's edges, breaches and doubts, opening by opening, to its outcome."""
    found = crossings(context, outcome.tenant)
    for _, some in groupby(found, key=lambda crossing: id(crossing.opening)):
        _Walk(context, outcome).opening(tuple(some))


class _Walk:
    """One opening and the parties at its other end."""

    def __init__(self, context: Context, outcome: Outcome) -> None:
        self._context, self._outcome = context, outcome

    def opening(self, found: tuple[Crossing, ...]) -> None:
        opening = found[0].opening
        self._outcome.shape += (_shape(opening, found),)
        breaches: list[tuple[Crossing, Flow, LayerVerdict]] = []
        for crossing in found:
            if crossing.name:
                self._outcome.parties.add(crossing.name)
            if crossing.other is Other.SHARED and crossing.layer is Layer.NETWORK:
                self._outcome.shared.append(crossing)
            permitted = _permitted(self._context, crossing)
            if permitted:
                self._plain(opening, permitted)
            elif crossing.layer is not Layer.ROUTING and (crossing.door or crossing.other is Other.SHARED):
                self._edge(crossing, crossing_flow(self._context, crossing), declared=True)
            elif crossing.word is None and _is_asked(crossing):
                breaches += self._confirmed(crossing)
        self._outcome.findings += _findings(self._context, self._outcome.tenant, breaches)

    def _confirmed(self, crossing: Crossing) -> Iterable[tuple[Crossing, Flow, LayerVerdict]]:
        """What the layer itself says of one flow through the opening; only what it allows is an edge."""
        flow = crossing_flow(self._context, crossing)
        layer = dict(self._context.layers)[crossing.layer]
        verdict = layer.verdict(flow.source, flow.destination, flow.request)
        # What is only one try among many refutes no opening that could not be decided.
        doubts = deciders(crossing.opening.evidence, Effect.UNKNOWN)
        undecided = verdict.answer is Answer.DENIED and _is_doubted(crossing.opening)
        if verdict.answer is Answer.UNPROVEN or undecided:
            objects = deciders(verdict.evidence, Effect.UNKNOWN) or doubts
            tenants = sorted({self._outcome.tenant, crossing.name or EVERY_TENANT})
            why = crossing.opening.evidence[0].reason if undecided else verdict.reason
            reason = f"{crossing.layer}: {flow}: {why}"
            self._outcome.unproven.append(
                Unproven(tenants=tuple(tenants), reason=reason, object=next(iter(objects), None))
            )
        elif verdict.answer is Answer.ALLOWED:
            way_out = _is_way_out(self._context, crossing)
            if crossing.layer is not Layer.ROUTING:
                self._edge(crossing, flow, declared=way_out)
            return [] if way_out else [(crossing, flow, verdict)]
        elif crossing.layer is Layer.NETWORK and crossing.other is Other.TENANT:
            return [(crossing, flow, verdict)]
        return []

    def _plain(self, opening: Opening, permitted: Permitted) -> None:
        """Who shows no identity is the tenant's own while the network lets in nobody else, which is looked at too."""
        tenant = self._outcome.tenant
        cell = self._outcome.matrix.cell(tenant, tenant, declared=True, reason=permitted.why)
        cell.ports |= port_names(opening.ports, opening.request.protocol)
        cell.layers.add(opening.layer)
        cell.objects |= {one.key: one for one in allowing(self._context, opening.evidence, opening.namespace)}
        source = Workload(namespace=opening.namespace, name=ANY_POD)
        cell.flows.append((Flow(source, opening.workload, opening.request), None))

    def _edge(self, crossing: Crossing, flow: Flow, *, declared: bool) -> None:
        opening, other = crossing.opening, crossing.name or _PARTIES[crossing.other]
        ends = (other, crossing.tenant) if opening.direction is Direction.INGRESS else (crossing.tenant, other)
        cell = self._outcome.matrix.cell(
            *ends, declared=declared, reason=_reason(self._context, crossing) if declared else ""
        )
        cell.ports |= port_names(opening.ports, opening.request.protocol)
        cell.layers.add(opening.layer)
        for one in allowing(self._context, opening.evidence, opening.namespace):
            cell.objects[one.key] = one
        cell.flows += [(one, None) for one in (flow, *plain_flows(self._context, crossing, flow))]


def _is_doubted(opening: Opening) -> bool:
    return any(one.effect is Effect.UNKNOWN for one in opening.evidence)


def _permitted(context: Context, crossing: Crossing) -> Permitted | None:
    """What declares it, if it is for those without an identity; where there are names nothing is."""
    if crossing.other not in (Other.EVERYBODY, Other.OUTSIDE):
        return None
    return next((one for one in context.permitted.get(crossing.tenant, ()) if one.opens(crossing.opening)), None)


def _is_asked(crossing: Crossing) -> bool:
    """Routing bars nobody who has no sidecar, so what it lets in is no breach; where own sidecars send, is."""
    if crossing.layer is not Layer.ROUTING:
        return True
    return crossing.opening.direction is Direction.EGRESS and crossing.other in (Other.TENANT, Other.EVERYBODY)


def _is_way_out(context: Context, crossing: Crossing) -> bool:
    """Whether it is the egress gateway's way to the outside; where there is no mesh, nobody has such a gateway."""
    if crossing.other is not Other.OUTSIDE or crossing.opening.direction is not Direction.EGRESS:
        return False
    return not context.has_mesh or context.doors.is_gateways_only(crossing.opening)


def _reason(context: Context, crossing: Crossing) -> str:
    if crossing.other is Other.SHARED:
        return "shared infrastructure"
    door = context.doors.through(crossing.opening) if crossing.door else None
    return str(door.gateway.key) if door else "egress gateway"


def _findings(context: Context, tenant: str, breaches: list[tuple[Crossing, Flow, LayerVerdict]]) -> Iterable[Finding]:
    """One finding for each rule that one opening breaks, whoever is at its other end."""
    by_rule: dict[str, tuple[Rule, list[tuple[Crossing, Flow, LayerVerdict]]]] = {}
    for crossing, flow, verdict in breaches:
        rule = _rule(crossing, verdict)
        if rule is not None:
            by_rule.setdefault(rule.id, (rule, []))[1].append((crossing, flow, verdict))
    return [_finding(context, tenant, rule, some) for rule, some in by_rule.values()]


def _rule(crossing: Crossing, verdict: LayerVerdict) -> Rule | None:
    opening = crossing.opening
    if verdict.answer is Answer.DENIED:
        return rules.ONE_SIDED
    if opening.layer is Layer.ROUTING:
        return _routing_rule(opening)
    if crossing.other is not Other.TENANT and not deciders(opening.evidence, Effect.ALLOWS):
        return _UNCOVERED.get(opening.layer)
    return _BREACHES.get((opening.layer, opening.direction, crossing.other))


def _routing_rule(opening: Opening) -> Rule:
    if opening.peers.everywhere and opening.peers.outside:
        return routing_rules.OUTBOUND_ANY
    kinds = {one.object.key.kind for one in opening.evidence if one.object}
    return routing_rules.SEES_TENANT if kinds <= {"Sidecar", "Service"} else routing_rules.ROUTE_REACH


def _finding(context: Context, tenant: str, rule: Rule, some: list[tuple[Crossing, Flow, LayerVerdict]]) -> Finding:
    first, flow, verdict = some[0]
    opening = first.opening
    objects = allowing(context, opening.evidence, opening.namespace)
    others = ", ".join(_WORDS.get(one.other) or f"pods of {one.name}" for one, _, _ in some)
    ports = ", ".join(sorted(port_names(opening.ports, opening.request.protocol)))
    by = " and ".join(str(one.key) for one in objects if one.key.kind != "Namespace") or "no policy selects it, which"
    verb = _VERBS[opening.direction].format(other=others)
    at = f"{opening.workload}" if opening.workload.object else f"pods like {opening.workload}"
    towards = f"{verb} {at}" if opening.direction is Direction.INGRESS else f"{verb} from {at}"
    return finding(
        rule,
        (tenant, *(one.name for one, _, _ in some if one.name)),
        objects,
        witness=str(flow),
        message=f"{opening.namespace}: {by} {towards} on {ports}",
        fix=_fix(opening, verdict),
        evidence=opening.evidence,
    )


def _fix(opening: Opening, verdict: LayerVerdict) -> str:
    """What to change on this side: the other end, whose change would do too, is not the tenant's to change."""
    if verdict.answer is not Answer.ALLOWED:
        return ""
    if opening.direction is Direction.INGRESS:
        return verdict.change
    made = [f"{one.path} of {one.key}" for one in opening.evidence if one.object and one.path]
    return f"remove {' and '.join(made)}" if made else ""


def _shape(opening: Opening, found: tuple[Crossing, ...]) -> tuple[object, ...]:
    """What one opening is, names apart: tenants whose openings are of one shape are of one class."""
    others = tuple((one.other, one.word is not None, one.door) for one in found)
    return (opening.layer, opening.direction, opening.ports, opening.peers.everywhere, opening.peers.outside, others)
