"""The tier of the namespaces' policies: what one allows is allowed, and what one selects is else denied."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from tenantmesh.graph.fits import Fit, some
from tenantmesh.graph.flow import Endpoint, Workload
from tenantmesh.graph.network import words
from tenantmesh.graph.network.rules import Action, Match, Policy, Rule, Side
from tenantmesh.graph.network.surroundings import Flow, Surroundings
from tenantmesh.graph.network.tiers import ALLOW, DENY, NEXT, Decision, Outcome
from tenantmesh.graph.verdict import Effect, Evidence

_EITHER: Final = ALLOW | DENY | NEXT


class Ruling(Struct, frozen=True):
    """What one policy that selects the pod, or may, does to a flow.

    `selects` and the fits of its rules are apart: a policy isolates what it selects, whatever its rules allow.
    `removal` are the paths that would have to go.
    """

    policy: Policy
    selects: Fit
    side: Side
    allows: Fit
    denies: Fit
    evidence: Evidence
    removal: tuple[str, ...] = ()

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
    side = Side(isolates=True) if policy.unknown else policy.side(flow.direction)
    if side is None:
        return None
    selects = policy.selects(flow.subject, around)
    if selects is Fit.NO:
        return None
    if policy.unknown:
        path, reason = policy.unknown
        evidence = Evidence(Effect.UNKNOWN, reason, policy.object, path)
        return Ruling(policy, selects, side, Fit.UNSURE, Fit.NO, evidence)
    denying, allowing = _matches(side.deny, flow, around), _matches(side.allow, flow, around)
    denies, allows = some(one.fit for _, one in denying), some(one.fit for _, one in allowing)
    decisive = [one for one in (*denying, *allowing) if one[1].fit is (allows if denies is Fit.NO else denies)]
    evidence = _evidence(policy, side, selects, decisive, flow)
    removal = tuple(path for rule, _ in decisive for path in rule.removal(flow, around))
    return Ruling(policy, selects, side, allows, denies, evidence, removal)


def _matches(rules: Iterable[Rule], flow: Flow, around: Surroundings) -> list[tuple[Rule, Match]]:
    return [(rule, match) for rule in rules if (match := rule.match(flow, around)).fit is not Fit.NO]


def _evidence(policy: Policy, side: Side, selects: Fit, decisive: Sequence[tuple[Rule, Match]], flow: Flow) -> Evidence:
    asked = words.traffic(flow)
    if selects is Fit.UNSURE:
        doubt = policy.pods.unknown or "it asks for labels that only the control plane gives"
        reason = f"whether it selects {flow.subject} is not known: {doubt}"
        return Evidence(Effect.UNKNOWN, reason, policy.object, policy.path)
    if not decisive:
        reason = f"selects {flow.subject} for {flow.direction}, and no rule of it is about traffic {asked}"
        return Evidence(Effect.DENIES if side.isolates else Effect.ALLOWS, reason, policy.object, policy.path)
    rule, match = decisive[0]
    if match.fit is Fit.UNSURE:
        reason = rule.doubt or f"whether {words.end(flow.peer)} is meant is not known"
        return Evidence(Effect.UNKNOWN, reason, policy.object, match.path)
    effect = Effect.DENIES if rule.action is Action.DENY else Effect.ALLOWS
    return Evidence(effect, f"{effect} traffic {asked}", policy.object, match.path)


def _removal(rulings: Iterable[Ruling]) -> str:
    return f"remove {words.listed(f'{words.listed(one.removal)} of {one.policy.object.key}' for one in rulings)}"


def _decision(rulings: Sequence[Ruling], flow: Flow) -> Decision:
    evidence = tuple(one.evidence for one in rulings)
    denying = [one for one in rulings if one.certain and one.denies is Fit.YES]
    if denying:
        return Decision(DENY, f"{denying[0].policy.object.key} denies it", evidence, _removal(denying))
    doubted = DENY if any(one.denies is not Fit.NO for one in rulings) else frozenset[Outcome]()
    allowing = [one for one in rulings if one.certain and one.allows is Fit.YES]
    if allowing and any(one.side.isolates for one in rulings):
        reason = f"{allowing[0].policy.object.key} allows it"
        return Decision(ALLOW | doubted, reason, evidence, _removal(allowing))
    return _unmatched(rulings, flow, evidence, doubted)


def _unmatched(
    rulings: Sequence[Ruling], flow: Flow, evidence: tuple[Evidence, ...], doubted: frozenset[Outcome]
) -> Decision:
    """Nothing surely allows the flow and nothing surely denies it by name: isolation decides."""
    isolating = [one for one in rulings if one.side.isolates]
    maybe = ALLOW if any(one.allows is not Fit.NO for one in rulings) else frozenset[Outcome]()
    if not isolating:
        return Decision(NEXT | doubted, "", evidence)
    change = words.opening([one.policy.object.key for one in isolating], flow)
    others = f" and {len(isolating) - 1} more" if len(isolating) > 1 else ""
    named = f"{isolating[0].policy.object.key}{others}"
    reason = f"{flow.subject} is selected by {named}, and no rule allows traffic {words.traffic(flow)}"
    certain = [one for one in isolating if one.certain and not one.policy.unknown]
    if certain and all(yields(one.policy) for one in isolating):
        otherwise = Decision(DENY, reason, (), change)
        return Decision(NEXT | maybe | doubted, "", evidence, otherwise=otherwise)
    if certain:
        return Decision(DENY | maybe | doubted, reason, evidence, change)
    return Decision(_EITHER if maybe else DENY | NEXT, reason, evidence, change)


def yields(policy: Policy) -> bool:
    """Whether a baseline rule may still accept what it isolates: so Cilium's engine orders its own policies.

    A NetworkPolicy "always makes a final decision for selected pods" (ClusterNetworkPolicy, spec.tier).
    """
    return policy.object.body["kind"] in ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")


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
