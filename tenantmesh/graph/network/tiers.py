"""Tiers of policies: each decides a flow at one of its ends or leaves it to the next.

Outcomes are sets: where something is not understood, several are possible.
"""

from collections.abc import Iterator, Mapping
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


class Tier(Protocol):
    """Policies that are asked together."""

    def rules(self, flow: Flow) -> Iterator[Rule]:
        """The rules that are about the subject of `flow`."""
        ...

    def decide(self, flow: Flow) -> Decision:
        """What they make of `flow` at its subject."""
        ...


def settle(tiers: tuple[Tier, ...], flow: Flow, default: Decision) -> Decision:
    """What `tiers` make of `flow` one after the other; `default` is what holds when all of them pass it on."""
    outcomes: frozenset[Outcome] = frozenset()
    evidence: tuple[Evidence, ...] = ()
    reason = change = ""
    for tier in (*tiers, None):
        decision = tier.decide(flow) if tier else default
        default = decision.otherwise or default
        outcomes |= decision.outcomes - NEXT
        evidence += decision.evidence
        if decision.outcomes != NEXT:
            reason, change = reason or decision.reason, change or decision.change
        if Outcome.NEXT not in decision.outcomes:
            break
    return Decision(outcomes, reason, evidence, change)
