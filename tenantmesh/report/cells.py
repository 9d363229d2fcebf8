"""What one cell of the matrix means to a reader, and which cells are alike."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from tenantmesh.checks.proof import EVERY_TENANT, Edge, Proof
from tenantmesh.graph.verdict import Answer


class State(StrEnum):
    """What an edge is, worst first; a pair of tenants without an edge is closed."""

    BREACH = "breach"
    """Open, and nobody declared it."""
    UNDECIDED = "undecided"
    """Some layer holds an object or field that is not understood, and none keeps it shut."""
    PARTIAL = "partial"
    """Not open, but some layer lets it through that nobody declared."""
    BROKEN = "broken"
    """Declared, but some layer keeps it shut."""
    GRANTED = "granted"
    """Open as declared."""
    PASSAGE = "passage"
    """As declared, to or from shared infrastructure or the outside, or within one tenant."""


MEANING = {
    State.BREACH: "open without a grant",
    State.UNDECIDED: "undecided",
    State.PARTIAL: "half open without a grant",
    State.BROKEN: "granted, but shut",
    State.GRANTED: "granted",
    State.PASSAGE: "infrastructure or gateway",
}


# By whether it is declared, and whether it is open.
_STATES = {
    (True, True): State.GRANTED,
    (True, False): State.BROKEN,
    (False, True): State.BREACH,
    (False, False): State.PARTIAL,
}


class Alike(Struct, frozen=True, kw_only=True):
    """Edges that differ only in which tenants of the same classes they join; printing shows the first."""

    edges: tuple[Edge, ...]
    state: State


class States:
    """Tells the state of any edge of one proof."""

    def __init__(self, proof: Proof) -> None:
        self._tenants = frozenset((*proof.tenants, EVERY_TENANT))

    def __getitem__(self, edge: Edge) -> State:
        foreign = {edge.source, edge.destination} <= self._tenants
        if edge.source == edge.destination or (edge.declared and not foreign):
            return State.PASSAGE
        if edge.shown.answer is Answer.UNPROVEN:
            return State.UNDECIDED
        return _STATES[edge.declared, edge.open]

    def worst_first(self, edges: Iterable[Edge]) -> list[Edge]:
        """`edges` by state, else in the order they had."""
        order = list(State)
        return sorted(edges, key=lambda edge: order.index(self[edge]))


def alike(proof: Proof) -> list[Alike]:
    """The matrix in groups of equal edges between equal tenants, worst state first."""
    classes = {tenant: number for number, each in enumerate(proof.classes) for tenant in each.tenants}
    states = States(proof)
    groups: dict[tuple[object, ...], list[Edge]] = {}
    for edge in states.worst_first(proof.matrix):
        ends = (classes.get(edge.source, edge.source), classes.get(edge.destination, edge.destination))
        key = (states[edge], *ends, edge.ports, edge.layers, edge.paths)
        groups.setdefault(key, []).append(edge)
    return [Alike(edges=tuple(edges), state=states[edges[0]]) for edges in groups.values()]


def ports(edge: Edge) -> str:
    """What the edge lets through, in a few words: ports, then paths."""
    return ", ".join((*edge.ports, *edge.paths)) or "any"
