"""The tier of the namespaces' policies: what one allows is allowed, and what one selects is else denied."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

from tenantmesh.graph.fits import Fit, some
from tenantmesh.graph.flow import Endpoint, Workload
from tenantmesh.graph.nearby import Nearby
from tenantmesh.graph.network import words
from tenantmesh.graph.network.rules import Action, Match, Policy, Rule, Side
from tenantmesh.graph.network.surroundings import Flow, Surroundings
from tenantmesh.graph.network.tiers import ALLOW, DENY, NEXT, Decision, Outcome
from tenantmesh.graph.opening import Direction
from tenantmesh.graph.verdict import Effect, Evidence

_EITHER: Final = ALLOW | DENY | NEXT


class Applied(Struct, frozen=True):
    """One policy that selects a pod, or may, with what it says of one direction.

    `selects` and the fits of its rules are apart: a policy isolates what it selects, whatever its rules allow.
    """

    policy: Policy
    selects: Fit
    side: Side

    @property
    def certain(self) -> bool:
        """Whether it surely is about the pod."""
        return self.selects is Fit.YES


class Ruling(Struct, frozen=True):
    """What one policy does to a flow. `removal` are the paths that would have to go."""

    applied: Applied
    allows: Fit
    denies: Fit
    evidence: Evidence
    removal: tuple[str, ...] = ()

    @property
    def speaks(self) -> bool:
        """Whether it has, or may have, a rule about the flow."""
        return self.allows is not Fit.NO or self.denies is not Fit.NO


class _Pod(NamedTuple):
    """What policies select a pod by, and what it is called."""

    namespace: str
    name: str
    labels: tuple[tuple[str, str], ...]
    given: frozenset[str]
    service_account: str


class _Selection:
    """The policies that select one pod for one direction, by whom they may be about.

    One whose peers are pods of few namespaces is asked about no others: a pod that thousands may call has thousands of
    policies, of which a flow concerns few.
    """

    def __init__(self, pod: Workload, direction: Direction, found: Sequence[Applied], around: Surroundings) -> None:
        self._pod, self._direction = pod, direction
        self._found = Nearby((one, None if one.policy.unknown else one.side.spaces(around)) for one in found)
        self.isolating = [one for one in found if one.side.isolates]
        self.isolators = [one.policy.object.key for one in self.isolating]
        self.admits_node = bool(self.isolating) and all(one.side.node for one in self.isolating)

    def about(self, end: Endpoint) -> list[tuple[int, Applied]]:
        """The policies that may have a rule about an end of a flow, with their places."""
        places = self._found.places(end.namespace if isinstance(end, Workload) and not end.host_network else None)
        return [(at, self._found.things[at]) for at in places]

    @cached_property
    def silent(self) -> tuple[Evidence, ...]:
        """What each policy shows of a flow that it has no rule about."""
        return tuple(_silent(one, self._pod, self._direction) for one in self._found.things)


class PolicyTier:
    """NetworkPolicies, and Cilium's beside them: `policies` gives those that concern a namespace."""

    def __init__(self, policies: Callable[[str], Sequence[Policy]], around: Surroundings) -> None:
        self._policies = policies
        self._around = around
        self._selections: Callable[[_Pod, Direction], _Selection] = lru_cache(maxsize=1 << 10)(self._selected)

    def rules(self, flow: Flow) -> Iterator[Rule]:
        """The rules that are about the subject of `flow`."""
        for policy in self._policies(flow.subject.namespace):
            if policy.selects(flow.subject, self._around) is not Fit.NO:
                yield from policy.rules(flow.direction)

    def decide(self, flow: Flow) -> Decision:
        """What they make of `flow` at its subject."""
        one = flow.subject
        pod = _Pod(one.namespace, one.name, tuple(one.labels.items()), one.given, one.service_account)
        selection = self._selections(pod, flow.direction)
        rulings = {at: _ruling(each, flow, self._around) for at, each in selection.about(flow.peer)}
        denied = any(one.denies is not Fit.NO for one in rulings.values())
        if selection.admits_node and not denied and _is_its_node(flow):
            return _node(flow)
        return _decision(selection, rulings, flow)

    def _selected(self, pod: _Pod, direction: Direction) -> _Selection:
        namespace, name, labels, given, account = pod
        made = Workload(namespace=namespace, name=name, labels=dict(labels), given=given, service_account=account)
        found: list[Applied] = []
        for policy in self._policies(namespace):
            side = Side(isolates=True) if policy.unknown else policy.side(direction)
            if side is not None and (selects := policy.selects(made, self._around)) is not Fit.NO:
                found.append(Applied(policy, selects, side))
        return _Selection(made, direction, found, self._around)


def _ruling(applied: Applied, flow: Flow, around: Surroundings) -> Ruling:
    policy, side = applied.policy, applied.side
    if policy.unknown:
        path, reason = policy.unknown
        return Ruling(applied, Fit.UNSURE, Fit.NO, Evidence(Effect.UNKNOWN, reason, policy.object, path))
    denying, allowing = _matches(side.deny, flow, around), _matches(side.allow, flow, around)
    denies, allows = some(one.fit for _, one in denying), some(one.fit for _, one in allowing)
    decisive = [one for one in (*denying, *allowing) if one[1].fit is (allows if denies is Fit.NO else denies)]
    evidence = _evidence(applied, decisive, flow)
    removal = tuple(path for rule, _ in decisive for path in rule.removal(flow, around))
    return Ruling(applied, allows, denies, evidence, removal)


def _matches(rules: Iterable[Rule], flow: Flow, around: Surroundings) -> list[tuple[Rule, Match]]:
    return [(rule, match) for rule in rules if (match := rule.match(flow, around)).fit is not Fit.NO]


def _evidence(applied: Applied, decisive: Sequence[tuple[Rule, Match]], flow: Flow) -> Evidence:
    if applied.selects is Fit.UNSURE or not decisive:
        return _silent(applied, flow.subject, flow.direction)
    policy = applied.policy
    rule, match = decisive[0]
    if match.fit is Fit.UNSURE:
        reason = rule.doubt or f"whether {words.end(flow.peer)} is meant is not known"
        return Evidence(Effect.UNKNOWN, reason, policy.object, match.path)
    effect = Effect.DENIES if rule.action is Action.DENY else Effect.ALLOWS
    return Evidence(effect, f"{effect} traffic {words.traffic(flow)}", policy.object, match.path)


def _silent(applied: Applied, pod: Workload, direction: Direction) -> Evidence:
    policy = applied.policy
    if applied.selects is Fit.UNSURE:
        doubt = policy.pods.unknown or "it asks for labels that only the control plane gives"
        return Evidence(Effect.UNKNOWN, f"whether it selects {pod} is not known: {doubt}", policy.object, policy.path)
    reason = f"selects {pod} for {direction}, and no rule of it is about this traffic"
    return Evidence(Effect.DENIES if applied.side.isolates else Effect.ALLOWS, reason, policy.object, policy.path)


def _removal(rulings: Iterable[Ruling]) -> str:
    made = (f"{words.listed(one.removal)} of {one.applied.policy.object.key}" for one in rulings)
    return f"remove {words.listed(made)}"


def _decision(selection: _Selection, rulings: Mapping[int, Ruling], flow: Flow) -> Decision:
    """What `rulings`, by their places among all policies of the pod, come to; the others have no rule about `flow`."""
    evidence = tuple(one.evidence for one in rulings.values() if one.speaks)
    denying = [one for one in rulings.values() if one.applied.certain and one.denies is Fit.YES]
    if denying:
        return Decision(DENY, f"{denying[0].applied.policy.object.key} denies it", evidence, _removal(denying))
    doubted = DENY if any(one.denies is not Fit.NO for one in rulings.values()) else frozenset[Outcome]()
    allowing = [one for one in rulings.values() if one.applied.certain and one.allows is Fit.YES]
    if allowing:
        reason, change = f"{allowing[0].applied.policy.object.key} allows it", _removal(allowing)
        # One of Cilium's need not isolate what it allows: no baseline rule is asked then either.
        closing = change if selection.isolating else f"{change}, and {words.fence(flow)}"
        return Decision(ALLOW | doubted, reason, evidence, closing)
    return _unmatched(selection, rulings, flow, doubted)


def _unmatched(
    selection: _Selection, rulings: Mapping[int, Ruling], flow: Flow, doubted: frozenset[Outcome]
) -> Decision:
    """Nothing surely allows the flow and nothing surely denies it by name: isolation decides."""
    shown = list(selection.silent)
    for at, one in rulings.items():
        shown[at] = one.evidence
    evidence = tuple(shown)
    maybe = ALLOW if any(one.allows is not Fit.NO for one in rulings.values()) else frozenset[Outcome]()
    if not selection.isolating:
        return Decision(NEXT | maybe | doubted, "", evidence)
    change = words.opening(selection.isolators, flow)
    others = f" and {len(selection.isolating) - 1} more" if len(selection.isolating) > 1 else ""
    named = f"{selection.isolators[0]}{others}"
    reason = f"{flow.subject} is selected by {named}, and no rule allows traffic {words.traffic(flow)}"
    certain = any(one.certain and not one.policy.unknown for one in selection.isolating)
    if certain and all(yields(one.policy) for one in selection.isolating):
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
