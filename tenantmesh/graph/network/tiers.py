"""Tiers of policies: each decides a flow at one of its ends or leaves it to the next.

Outcomes are sets: where something is not understood, several are possible.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct

from tenantmesh.graph.network.rules import Rule
from tenantmesh.graph.network.surroundings import Flow
from tenantmesh.graph.verdict import Answer, Evidence


class Outcome(StrEnum):
    """What a tier makes of a flow; `NEXT` leaves it to the next tier, and after the last one all is allowed."""

    ALLOW = "allow"
    DENY = "deny"
    NEXT = "next"


ALLOW: Final[frozenset[Outcome]] = frozenset((Outcome.ALLOW,))
DENY: Final[frozenset[Outcome]] = frozenset((Outcome.DENY,))
NEXT: Final[frozenset[Outcome]] = frozenset((Outcome.NEXT,))
_ANSWERS: Final[Mapping[frozenset[Outcome], Answer]] = {ALLOW: Answer.ALLOWED, DENY: Answer.DENIED}


class Decision(Struct, frozen=True):
    """What is possible at one end and why. `change` says what would flip it.

    `otherwise` holds instead of the default when this tier and all later ones leave the flow to the next.
    """

    outcomes: frozenset[Outcome]
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    change: str = ""
    otherwise: "Decision | None" = None

    @property
    def answer(self) -> Answer:
        """The answer of a decision that leaves nothing to another tier."""
        return _ANSWERS.get(self.outcomes, Answer.UNPROVEN)


_NOTHING: Final = Decision(frozenset())
"""Before the first tier was asked."""


class Tier(Protocol):
    """Policies that are asked together."""

    def rules(self, flow: Flow) -> Iterator[Rule]:
        """The rules that are about the subject of `flow`."""
        ...

    def decide(self, flow: Flow) -> Decision:
        """What they make of `flow` at its subject."""
        ...


def settle(tiers: tuple[Tier, ...], flow: Flow, default: Callable[[Flow], Decision]) -> Decision:
    """What `tiers` make of `flow` one after the other; `default` says what holds when all of them pass it on."""
    found, otherwise = _NOTHING, None
    for tier in tiers:
        decision = tier.decide(flow)
        otherwise = decision.otherwise or otherwise
        found = _after(found, decision)
        if Outcome.NEXT not in decision.outcomes:
            return found
    return _after(found, otherwise or default(flow))


def _after(found: Decision, last: Decision) -> Decision:
    """What was `found` in earlier tiers, with what the `last` one makes of a flow that they leave to it."""
    if found is _NOTHING and Outcome.NEXT not in last.outcomes:
        return last
    evidence = found.evidence + last.evidence
    if last.outcomes == NEXT:
        return Decision(found.outcomes, found.reason, evidence, found.change)
    outcomes = found.outcomes | (last.outcomes - NEXT)
    return Decision(outcomes, found.reason or last.reason, evidence, found.change or last.change)
