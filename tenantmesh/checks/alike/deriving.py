"""What follows for a tenant from the proof of one that is like it: the same outcome with the names exchanged."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import Struct

from tenantmesh.checks.alike.exchanging import Exchange, Proven
from tenantmesh.checks.alike.names_apart import Key
from tenantmesh.checks.alike.templates import Filling
from tenantmesh.checks.claim import Claim
from tenantmesh.checks.context import Context
from tenantmesh.checks.families import trust
from tenantmesh.checks.outcome import Outcome
from tenantmesh.checks.proof import EVERY_TENANT, OUTSIDE, Edge, Fence, Shown, ShownLater
from tenantmesh.graph.verdict import Answer
from tenantmesh.manifest import ManifestObject

Plain = Callable[[str], Outcome]
"""Proves one tenant by itself."""
_End = int | str
"""The place of a name, or a name that is nobody's to exchange."""
_Parted = tuple[_End, ...]
"""A text with places for names."""
_BETWEEN = "\0"
"""Stands between texts, for hardly one has it. Of one that does, something else follows than is proven."""


class _Texts:
    """Texts with places for names, each once: most of a tenant's edges and claims have the same few."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = places
        self._numbers: dict[_Parted, int] = {}

    def end(self, end: _End) -> int:
        """The number of an edge's end."""
        return self._numbers.setdefault((end,), len(self._numbers))

    def parted(self, text: str) -> int:
        """The number of a text whose names get places."""
        return self._numbers.setdefault(_parted(text, self._places), len(self._numbers))

    def together(self) -> Filling[str]:
        """All that have a number, by it, as one text."""
        places = [part for text in self._numbers for part in text if isinstance(part, int)]
        return Filling.of(_BETWEEN.join(map(_pattern, self._numbers)), places)


class _Cell(Struct, frozen=True):
    """An edge of which `source`, `destination` and `reason` are numbers of texts; `answer` is its verdict's.

    `ends` are its own source and destination, with places for names.
    """

    edge: Edge
    answer: Answer | None
    ends: tuple[_End, _End]
    source: int
    destination: int
    reason: int

    def shown(self, one: Proven) -> Shown:
        """What the edge of a tenant that is like it is shown by."""
        source, destination = self.ends
        key = (_name(source, one.names), _name(destination, one.names), self.edge.declared)
        return _copied(
            next(edge.shown for edge in one.outcome.edges if (edge.source, edge.destination, edge.declared) == key)
        )


class _Claimed(Struct, frozen=True):
    """A claim of which `object`, its object's name, `name` and `shown` are numbers of texts.

    `objects` has those of the object's kind by namespace, of which its own is at `space`.
    """

    claim: Claim
    objects: Mapping[str, Sequence[ManifestObject]]
    space: int
    object: int
    name: int
    shown: int


class Pattern(Struct, frozen=True):
    """The outcome of one tenant, to be taken over by those that are like it; `texts` are all of it as one."""

    outcome: Outcome
    texts: Filling[str]
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
        texts = _Texts(places)
        cells = tuple(_cell(edge, places, texts, context) for edge in outcome.edges)
        known = tuple(cell for cell in cells if cell is not None)
        if len(known) < len(cells):
            return None
        claims = tuple(_claimed(one, places, texts, context) for one in outcome.claims)
        return cls(outcome, texts.together(), known, claims, Exchange(context, first, second))

    def follow(self, context: Context, tenant: str, key: Key, plain: Plain) -> Outcome | None:
        """The outcome of `tenant`; None where there is something to say of its keys.

        What its edges are shown by is exchanged, or worked out, when it is asked for.
        """
        texts = self.texts.with_names(key.names).split(_BETWEEN)
        made = Outcome(
            tenant=tenant,
            claims=[_claim(one, texts, key.names, tenant) for one in self.claims],
            shared=self.outcome.shared,
            shape=self.outcome.shape,
            parties=set(key.names),
        )
        trust.check_dates(context, made)
        if made.findings:
            return None
        made.edges = tuple([self._edge(cell, texts, key, plain, tenant) for cell in self.cells])
        if self.outcome.fence is not None:
            made.fence = Fence(tenant=tenant, shown=ShownLater(partial(self._shown_fence, key, tenant, plain)))
        return made

    def _shown_fence(self, key: Key, tenant: str, plain: Plain) -> Shown:
        found = self.exchange.shown((), _fence, key.names) if key.is_usual else None
        return found or _fence(Proven(plain(tenant), key.names))

    def _edge(self, cell: _Cell, texts: Sequence[str], key: Key, plain: Plain, tenant: str) -> Edge:
        edge = cell.edge
        return Edge(
            source=texts[cell.source],
            destination=texts[cell.destination],
            ports=edge.ports,
            layers=edge.layers,
            open=edge.open,
            declared=edge.declared,
            paths=edge.paths,
            reason=texts[cell.reason],
            shown=ShownLater(partial(self._shown, cell, key, tenant, plain), cell.answer),
        )

    def _shown(self, cell: _Cell, key: Key, tenant: str, plain: Plain) -> Shown:
        shown = (*cell.ends, cell.edge.declared)
        found = self.exchange.shown(shown, cell.shown, key.names) if key.is_usual else None
        return found or cell.shown(Proven(plain(tenant), key.names))


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


def _cell(edge: Edge, places: Mapping[str, int], texts: _Texts, context: Context) -> _Cell | None:
    def end(name: str) -> _End | None:
        fixed = name in (EVERY_TENANT, OUTSIDE) or context.intent.is_shared(name)
        return places.get(name, name if fixed else None)

    source, destination = end(edge.source), end(edge.destination)
    if source is None or destination is None:
        return None
    numbers = (texts.end(source), texts.end(destination), texts.parted(edge.reason))
    return _Cell(edge, edge.shown.answer, (source, destination), *numbers)


def _claimed(one: Claim, places: Mapping[str, int], texts: _Texts, context: Context) -> _Claimed:
    key = one.object.key
    objects = context.cluster.objects(key.api_version.rpartition("/")[0], key.kind)
    numbers = (texts.parted(key.name), texts.parted(one.name), texts.parted(one.shown))
    return _Claimed(one, objects, places[key.namespace], *numbers)


def _claim(one: _Claimed, texts: Sequence[str], named: tuple[str, ...], tenant: str) -> Claim:
    claim, name = one.claim, texts[one.object]
    return Claim(
        rule=claim.rule,
        what=claim.what,
        name=texts[one.name],
        tenant=tenant,
        object=next(each for each in one.objects[named[one.space]] if each.body["metadata"]["name"] == name),
        shown=texts[one.shown],
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


def _pattern(parts: _Parted) -> str:
    return "".join("%s" if isinstance(part, int) else part.replace("%", "%%") for part in parts)


def _fence(one: Proven) -> Shown:
    return _copied(one.outcome.fence.shown) if one.outcome.fence else Shown()


def _copied(shown: Shown | ShownLater) -> Shown:
    return Shown(shown.witness, shown.verdict, shown.objects)
