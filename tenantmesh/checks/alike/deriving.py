"""What follows for a tenant from the proof of one that is like it: the same outcome with the names exchanged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from tenantmesh.checks.alike.exchanging import Exchange, Proven
from tenantmesh.checks.claim import Claim
from tenantmesh.checks.context import Context
from tenantmesh.checks.families import trust
from tenantmesh.checks.outcome import Outcome
from tenantmesh.checks.proof import EVERY_TENANT, OUTSIDE, Edge, Fence, Shown, ShownLater
from tenantmesh.graph.verdict import Answer

Plain = Callable[[str], Outcome]
"""Proves one tenant by itself."""
_End = int | str
"""The place of a name, or a name that is nobody's to exchange."""


_Parted = tuple[_End, ...]
"""A text with places for names."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """An edge whose ends, and reason, have places for names; `answer` is its verdict's."""

    edge: Edge
    answer: Answer | None
    source: _End
    destination: _End
    reason: _Parted

    def shown(self, one: Proven) -> Shown:
        """What the edge of a tenant that is like it is shown by."""
        key = (_name(self.source, one.names), _name(self.destination, one.names), self.edge.declared)
        return _copied(
            next(edge.shown for edge in one.outcome.edges if (edge.source, edge.destination, edge.declared) == key)
        )


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A claim whose texts have places for names; its object is the `at`-th of its kind in the namespace at `space`."""

    claim: Claim
    kind: tuple[str, str]
    space: int
    at: int
    name: _Parted
    shown: _Parted


@dataclass(frozen=True, slots=True)
class Pattern:
    """The outcome of one tenant, to be taken over by those that are like it."""

    outcome: Outcome
    cells: tuple[_Cell, ...]
    claims: tuple[_Claimed, ...]
    exchange: Exchange

    @classmethod
    def of(cls, context: Context, first: Proven, second: Proven) -> "Pattern | None":
        """None where there is something to say of the first, which is worked out and told by its own names."""
        outcome, named = first.outcome, first.names
        places = {name: place for place, name in enumerate(named)}
        strangers = [one for one in outcome.parties - places.keys() if not context.intent.is_shared(one)]
        if outcome.findings or outcome.unproven or strangers:
            return None
        cells = tuple(_cell(edge, places, context) for edge in outcome.edges)
        known = tuple(cell for cell in cells if cell is not None)
        claims = tuple(_claimed(one, places, context) for one in outcome.claims)
        return cls(outcome, known, claims, Exchange(context, first, second)) if len(known) == len(cells) else None

    def follow(self, context: Context, tenant: str, named: tuple[str, ...], plain: Plain) -> Outcome | None:
        """The outcome of `tenant`, whose names are `named`; None where there is something to say of its keys.

        What its edges are shown by is exchanged, or worked out, when it is asked for.
        """
        made = Outcome(
            tenant=tenant,
            claims=[_claim(one, named, tenant, context) for one in self.claims],
            shared=self.outcome.shared,
            shape=self.outcome.shape,
            parties=set(named),
        )
        trust.check_dates(context, made)
        if made.findings:
            return None
        made.edges = tuple(self._edge(cell, named, tenant, plain) for cell in self.cells)
        if self.outcome.fence is not None:
            found = ShownLater(
                self.outcome.fence.shown.answer,
                lambda: self.exchange.shown((), _fence, named) or _fence(Proven(plain(tenant), named)),
            )
            made.fence = Fence(tenant=tenant, shown=found)
        return made

    def _edge(self, cell: _Cell, named: tuple[str, ...], tenant: str, plain: Plain) -> Edge:
        edge = cell.edge
        return Edge(
            source=_name(cell.source, named),
            destination=_name(cell.destination, named),
            ports=edge.ports,
            layers=edge.layers,
            open=edge.open,
            declared=edge.declared,
            paths=edge.paths,
            reason=_text(cell.reason, named),
            shown=ShownLater(cell.answer, partial(self._shown, cell, named, tenant, plain)),
        )

    def _shown(self, cell: _Cell, named: tuple[str, ...], tenant: str, plain: Plain) -> Shown:
        found = self.exchange.shown((cell.source, cell.destination, cell.edge.declared), cell.shown, named)
        return found or cell.shown(Proven(plain(tenant), named))


def is_borne_out(derived: Outcome, proven: Outcome) -> bool:
    """Whether what followed for a tenant is what is proven of it."""
    return (
        not proven.findings
        and not proven.unproven
        and derived.shape == proven.shape
        and derived.claims == proven.claims
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
    return _Cell(edge, edge.shown.answer, source, destination, _parted(edge.reason, places))


def _claimed(one: Claim, places: Mapping[str, int], context: Context) -> _Claimed:
    key = one.object.key
    kind = (key.api_version.rpartition("/")[0], key.kind)
    same = context.cluster.objects(*kind)[key.namespace]
    at = next(at for at, other in enumerate(same) if other is one.object)
    return _Claimed(one, kind, places[key.namespace], at, _parted(one.name, places), _parted(one.shown, places))


def _claim(one: _Claimed, named: tuple[str, ...], tenant: str, context: Context) -> Claim:
    claim = one.claim
    return Claim(
        rule=claim.rule,
        what=claim.what,
        name=_text(one.name, named),
        tenant=tenant,
        object=context.cluster.objects(*one.kind)[named[one.space]][one.at],
        shown=_text(one.shown, named),
        private=claim.private,
    )


def _parted(text: str, places: Mapping[str, int]) -> _Parted:
    """A text with places for names, the longest first, so that none is taken for a part of another."""
    parts: _Parted = (text,) if text else ()
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


def _text(parts: _Parted, named: tuple[str, ...]) -> str:
    return "".join([named[part] if isinstance(part, int) else part for part in parts])


def _fence(one: Proven) -> Shown:
    return _copied(one.outcome.fence.shown) if one.outcome.fence else Shown()


def _copied(shown: Shown | ShownLater) -> Shown:
    return Shown(shown.witness, shown.verdict, shown.objects)
