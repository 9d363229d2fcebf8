"""The tier of the namespaces' policies: what one allows is allowed, and what one selects is else denied."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Endpoint, Workload
from tenantmesh.graph.network import words
from tenantmesh.graph.network.rules import Policy, Rule, Side
from tenantmesh.graph.network.surroundings import Flow, Surroundings
from tenantmesh.graph.network.tiers import ALLOW, DENY, NEXT, Decision, Outcome
from tenantmesh.graph.verdict import Effect, Evidence

_EITHER: Final = ALLOW | DENY | NEXT


class Ruling(NamedTuple):
    """What one policy that selects the pod, or may, does to a flow.

    `selects` and the fits of its rules are apart: a policy isolates what it selects, whatever its rules allow.
    """

    policy: Policy
    selects: Fit
    side: Side
    allows: Fit
    denies: Fit
    evidence: Evidence
    removal: str

    @property
    def certain(self) -> bool:
        """Whether it surely is about the pod."""
        return self.selects is Fit.YES


class PolicyTier:
    """NetworkPolicies, and Cilium's beside them: `policies` gives those that concern a namespace."""

    def __init__(self, policies: Callable[[str], Sequence[Policy]], around: Surroundings) -> None:
        self._policies = policies
        self._around = around

    def rules(self, flow: Flow) -> Iterator[Rule]:
        """The rules that are about the subject of `flow`."""
        for policy in self._policies(flow.subject.namespace):
            if policy.selects(flow.subject, self._around) is not Fit.NO:
                yield from policy.rules(flow.direction)

    def decide(self, flow: Flow) -> Decision:
        """What they make of `flow` at its subject."""
        policies = self._policies(flow.subject.namespace)
        rulings = [one for policy in policies if (one := _ruling(policy, flow, self._around)) is not None]
        isolating = [one for one in rulings if one.side.isolates]
        denied = any(one.denies is not Fit.NO for one in rulings)
        if isolating and not denied and all(one.side.node for one in isolating) and _is_its_node(flow):
            return _node(flow)
        return _decision(rulings, flow)


def _ruling(policy: Policy, flow: Flow, around: Surroundings) -> Ruling | None:
    selects = policy.selects(flow.subject, around)
    if selects is Fit.NO:
        return None
    if policy.unknown:
        path, reason = policy.unknown
        evidence = Evidence(Effect.UNKNOWN, reason, policy.object, path)
        return Ruling(policy, selects, Side(isolates=True), Fit.UNSURE, Fit.NO, evidence, "")
    side = policy.side(flow.direction)
    if side is None:
        return None
    denies, found = _best(side.deny, flow, around)
    if denies is not Fit.YES:
        allows, allowing = _best(side.allow, flow, around)
        found = found if denies is Fit.UNSURE else allowing
    else:
        allows = Fit.NO
    evidence = _evidence(policy, side, selects, (denies, allows), found, flow)
    removal = _removal(policy, found[0]) if found else ""
    return Ruling(policy, selects, side, allows, denies, evidence, removal)


def _best(rules: Iterable[Rule], flow: Flow, around: Surroundings) -> tuple[Fit, tuple[Rule, str] | None]:
    best: tuple[Fit, tuple[Rule, str] | None] = (Fit.NO, None)
    for rule in rules:
        match = rule.match(flow, around)
        if match.fit is Fit.YES:
            return Fit.YES, (rule, match.path)
        if match.fit is Fit.UNSURE and best[1] is None:
            best = Fit.UNSURE, (rule, match.path)
    return best


def _evidence(
    policy: Policy, side: Side, selects: Fit, fits: tuple[Fit, Fit], found: tuple[Rule, str] | None, flow: Flow
) -> Evidence:
    asked = words.traffic(flow)
    if selects is Fit.UNSURE:
        reason = f"whether it selects {flow.subject} is not known: {policy.pods.unknown}"
        return Evidence(Effect.UNKNOWN, reason, policy.object, policy.path)
    if found is None:
        reason = f"selects {flow.subject} for {flow.direction}, and no rule of it is about traffic {asked}"
        return Evidence(Effect.DENIES if side.isolates else Effect.ALLOWS, reason, policy.object, policy.path)
    rule, path = found
    if Fit.YES not in fits:
        reason = rule.doubt or f"whether {words.end(flow.peer)} is meant is not known"
        return Evidence(Effect.UNKNOWN, reason, policy.object, path)
    effect = Effect.DENIES if fits[0] is Fit.YES else Effect.ALLOWS
    return Evidence(effect, f"{effect} traffic {asked}", policy.object, path)


def _removal(policy: Policy, rule: Rule) -> str:
    """What to remove: an entry of several, or else the rule, for a list without entries would let anybody through."""
    return f"{rule.path} of {policy.object.key}"


def _decision(rulings: Sequence[Ruling], flow: Flow) -> Decision:
    evidence = tuple(one.evidence for one in rulings)
    denying = [one for one in rulings if one.certain and one.denies is Fit.YES]
    if denying:
        removals = words.listed(one.removal for one in denying)
        return Decision(DENY, f"{denying[0].policy.object.key} denies it", evidence, f"remove {removals}")
    doubted = DENY if any(one.denies is not Fit.NO for one in rulings) else frozenset[Outcome]()
    allowing = [one for one in rulings if one.certain and one.allows is Fit.YES]
    if allowing and any(one.side.isolates for one in rulings):
        removals = words.listed(one.removal for one in allowing)
        reason = f"{allowing[0].policy.object.key} allows it"
        return Decision(ALLOW | doubted, reason, evidence, f"remove {removals}")
    return _unmatched(rulings, flow, evidence, doubted)


def _unmatched(
    rulings: Sequence[Ruling], flow: Flow, evidence: tuple[Evidence, ...], doubted: frozenset[Outcome]
) -> Decision:
    """Nothing surely allows the flow and nothing surely denies it by name: isolation decides."""
    isolating = [one for one in rulings if one.side.isolates]
    maybe = ALLOW if any(one.allows is not Fit.NO for one in rulings) else frozenset[Outcome]()
    if not isolating:
        return Decision(NEXT | doubted, "", evidence)
    # A rule is best added where there are some already.
    best = max(isolating, key=lambda one: bool(one.side.allow))
    change = f"add a rule to {best.policy.object.key} that {words.letting(flow)}"
    named = words.listed(sorted({str(one.policy.object.key) for one in isolating}))
    reason = f"{flow.subject} is selected by {named}, and no rule allows traffic {words.traffic(flow)}"
    if any(one.certain and not one.policy.unknown for one in isolating):
        return Decision(DENY | maybe | doubted, reason, evidence, change)
    return Decision(_EITHER if maybe else DENY | NEXT, reason, evidence, change)


def _is_its_node(flow: Flow) -> bool:
    peer: Endpoint = flow.peer
    return isinstance(peer, Workload) and peer.host_network and _may_share_node(peer, flow.subject)


def _may_share_node(one: Workload, other: Workload) -> bool:
    nodes = one.spec.get("nodeName"), other.spec.get("nodeName")
    return None in nodes or nodes[0] == nodes[1]


def _node(flow: Flow) -> Decision:
    """Source: "traffic to and from the node where a Pod is running is always allowed" (Network Policies, IP blocks)."""
    reason = f"{flow.peer} is in the host's network, and traffic between a pod and its own node is always allowed"
    change = f"take hostNetwork from {flow.peer}"
    return Decision(ALLOW, reason, (Evidence(Effect.ALLOWS, reason, getattr(flow.peer, "object", None)),), change)
