"""What follows for a tenant from the proof of one that is like it: the same outcome with the names exchanged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tenantmesh.checks import names, trust
from tenantmesh.checks.context import Context
from tenantmesh.checks.outcome import Outcome
from tenantmesh.checks.proof import EVERY_TENANT, OUTSIDE, Edge, Fence, Shown, ShownLater

Plain = Callable[[str], Outcome]
"""Proves one tenant by itself."""
_End = int | str
"""The place of a name, or a name that is nobody's to exchange."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """An edge whose ends, and reason, have places for names."""

    edge: Edge
    source: _End
    destination: _End
    reason: tuple[_End, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The outcome of one tenant, to be taken over by those that are like it."""

    outcome: Outcome
    cells: tuple[_Cell, ...]

    @classmethod
    def of(cls, context: Context, outcome: Outcome, named: tuple[str, ...]) -> "Pattern | None":
        """None where there is something to say of the tenant, which is worked out and told by its own names."""
        places = {name: place for place, name in enumerate(named)}
        strangers = [one for one in outcome.parties - places.keys() if not context.intent.is_shared(one)]
        if outcome.findings or outcome.unproven or strangers:
            return None
        cells = tuple(_cell(edge, places, context) for edge in outcome.edges)
        known = tuple(cell for cell in cells if cell is not None)
        return cls(outcome, known) if len(known) == len(cells) else None

    def follow(self, context: Context, tenant: str, named: tuple[str, ...], plain: Plain) -> Outcome | None:
        """The outcome of `tenant`, whose names are `named`; None where there is something to say of its keys.

        What its edges are shown by is worked out when it is asked for.
        """
        made = Outcome(
            tenant=tenant,
            claims=list(names.claims(context, tenant)),
            shared=self.outcome.shared,
            shape=self.outcome.shape,
            parties=set(named),
        )
        trust.check(context, made)
        if made.findings:
            return None
        made.edges = tuple(_edge(cell, named, tenant, plain) for cell in self.cells)
        if self.outcome.fence is not None:
            made.fence = Fence(
                tenant=tenant, shown=ShownLater(self.outcome.fence.shown.answer, lambda: _fence(plain(tenant)))
            )
        return made


def is_borne_out(derived: Outcome, proven: Outcome) -> bool:
    """Whether what followed for a tenant is what is proven of it."""
    return (
        not proven.findings
        and not proven.unproven
        and derived.shape == proven.shape
        and sorted(map(_told, derived.edges)) == sorted(map(_told, proven.edges))
    )


def _told(edge: Edge) -> tuple[object, ...]:
    return (
        *(edge.source, edge.destination, edge.declared, edge.ports, edge.layers, edge.open, edge.reason, edge.paths),
        str(edge.shown.answer),
    )


def _cell(edge: Edge, places: Mapping[str, int], context: Context) -> _Cell | None:
    def end(name: str) -> _End | None:
        fixed = name in (EVERY_TENANT, OUTSIDE) or context.intent.is_shared(name)
        return places.get(name, name if fixed else None)

    source, destination = end(edge.source), end(edge.destination)
    if source is None or destination is None:
        return None
    return _Cell(edge, source, destination, _parted(edge.reason, places))


def _parted(text: str, places: Mapping[str, int]) -> tuple[_End, ...]:
    """A text with places for names, the longest first, so that none is taken for a part of another."""
    parts: tuple[_End, ...] = (text,) if text else ()
    for name in sorted(places, key=len, reverse=True):
        if name in text:
            parts = tuple(piece for part in parts for piece in _split(part, name, places[name]))
    return parts


def _split(part: _End, name: str, place: int) -> list[_End]:
    if isinstance(part, int):
        return [part]
    first, *rest = part.split(name)
    found: list[_End] = [first]
    for piece in rest:
        found += (place, piece)
    return found


def _name(end: _End, named: tuple[str, ...]) -> str:
    return named[end] if isinstance(end, int) else end


def _edge(cell: _Cell, named: tuple[str, ...], tenant: str, plain: Plain) -> Edge:
    edge, source, destination = cell.edge, _name(cell.source, named), _name(cell.destination, named)
    key = (source, destination, edge.declared)
    return Edge(
        source=source,
        destination=destination,
        ports=edge.ports,
        layers=edge.layers,
        open=edge.open,
        declared=edge.declared,
        paths=edge.paths,
        reason="".join(_name(part, named) for part in cell.reason),
        shown=ShownLater(edge.shown.answer, lambda: _shown(plain(tenant), key)),
    )


def _shown(outcome: Outcome, key: tuple[str, str, bool]) -> Shown:
    found = next(one.shown for one in outcome.edges if (one.source, one.destination, one.declared) == key)
    return Shown(found.witness, found.verdict, found.objects)


def _fence(outcome: Outcome) -> Shown:
    found = outcome.fence.shown if outcome.fence else Shown()
    return Shown(found.witness, found.verdict, found.objects)
