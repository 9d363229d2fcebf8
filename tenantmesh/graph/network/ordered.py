"""The tiers of the cluster's administrators: by priority, then in order, the first rule that matches decides."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.network import words
from tenantmesh.graph.network.admin import Ranked
from tenantmesh.graph.network.rules import Action, Policy, Rule
from tenantmesh.graph.network.surroundings import Flow, Surroundings
from tenantmesh.graph.network.tiers import ALLOW, DENY, NEXT, Decision, Outcome
from tenantmesh.graph.verdict import Effect, Evidence

_OUTCOMES: Final = {Action.ALLOW: ALLOW, Action.DENY: DENY, Action.PASS: NEXT}
_ANY: Final = ALLOW | DENY | NEXT


class Ruling(NamedTuple):
    """What one policy may make of a flow: the outcomes of the rules that may be first, and whether none may match."""

    outcomes: frozenset[Outcome]
    silent: bool
    evidence: tuple[Evidence, ...]
    change: str


class OrderedTier:
    """The policies of one tier, asked by priority. Those of equal priority that differ leave several outcomes."""

    def __init__(self, policies: Iterable[Ranked], around: Surroundings) -> None:
        ranked = sorted(policies, key=lambda one: one.priority)
        self._groups = [[one.policy for one in group] for _, group in groupby(ranked, key=lambda one: one.priority)]
        self._around = around

    @property
    def policies(self) -> Iterator[Policy]:
        """All of them, in order."""
        return (policy for group in self._groups for policy in group)

    def rules(self, flow: Flow) -> Iterator[Rule]:
        """The rules that are about the subject of `flow`."""
        for policy in self.policies:
            if policy.selects(flow.subject, self._around) is not Fit.NO:
                yield from policy.rules(flow.direction)

    def decide(self, flow: Flow) -> Decision:
        """What they make of `flow` at its subject."""
        outcomes: frozenset[Outcome] = frozenset()
        evidence: tuple[Evidence, ...] = ()
        change = ""
        for group in self._groups:
            rulings = [found for policy in group if (found := self._ask(policy, flow)) is not None]
            evidence += tuple(part for one in rulings for part in one.evidence)
            outcomes = outcomes.union(*(one.outcomes for one in rulings))
            change = change or next((one.change for one in rulings if one.change), "")
            if any(not one.silent for one in rulings):
                break
        else:
            outcomes |= NEXT
        reason = next((one.reason for one in reversed(evidence) if one.effect is not Effect.UNKNOWN), "")
        return Decision(outcomes, "" if outcomes == NEXT else reason, evidence, change)

    def _ask(self, policy: Policy, flow: Flow) -> Ruling | None:
        selects = policy.selects(flow.subject, self._around)
        if selects is Fit.NO:
            return None
        if policy.unknown:
            path, reason = policy.unknown
            return Ruling(
                _ANY, silent=True, evidence=(Evidence(Effect.UNKNOWN, reason, policy.object, path),), change=""
            )
        found = _matching(policy.rules(flow.direction), flow, self._around)
        return _ruling(policy, flow, selects, found) if found else _silence(policy, flow)


def _matching(rules: Iterable[Rule], flow: Flow, around: Surroundings) -> list[tuple[Rule, Fit, str]]:
    """The rules that may be the first to match; the last of them surely does, unless it is unsure too."""
    found: list[tuple[Rule, Fit, str]] = []
    for rule in rules:
        match = rule.match(flow, around)
        if match.fit is not Fit.NO:
            found.append((rule, match.fit, match.path))
        if match.fit is Fit.YES:
            break
    return found


def _ruling(policy: Policy, flow: Flow, selects: Fit, found: Sequence[tuple[Rule, Fit, str]]) -> Ruling:
    sure = selects is Fit.YES and found[-1][1] is Fit.YES
    outcomes = frozenset[Outcome]().union(*(_ANY if rule.unknown else _OUTCOMES[rule.action] for rule, _, _ in found))
    evidence = tuple(_evidence(policy, flow, selects, one) for one in found)
    rule = found[0][0]
    change = f"remove {rule.path} of {policy.object.key}" if rule.action is not Action.PASS else ""
    return Ruling(outcomes, not sure, evidence, change)


def _evidence(policy: Policy, flow: Flow, selects: Fit, found: tuple[Rule, Fit, str]) -> Evidence:
    rule, fit, path = found
    if selects is Fit.UNSURE:
        return Evidence(Effect.UNKNOWN, f"whether it selects {flow.subject} is not known", policy.object, policy.path)
    if fit is Fit.UNSURE:
        reason = rule.doubt or f"whether it means {words.end(flow.peer)} is not known"
        return Evidence(Effect.UNKNOWN, reason, policy.object, path)
    effect = Effect.DENIES if rule.action is Action.DENY else Effect.ALLOWS
    passed = " to the next tier" if rule.action is Action.PASS else ""
    reason = f"{policy.object.key} {rule.action} traffic {words.traffic(flow)}{passed}"
    return Evidence(effect, reason, policy.object, path)


def _silence(policy: Policy, flow: Flow) -> Ruling:
    reason = f"selects {flow.subject}, and no rule of it is about traffic {words.traffic(flow)}: the next tier decides"
    evidence = Evidence(Effect.ALLOWS, reason, policy.object, policy.path)
    return Ruling(frozenset(), silent=True, evidence=(evidence,), change="")
