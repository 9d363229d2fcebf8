"""Kinds of tenants that are one kind, because the order of their names, and of what is a set, means nothing.

Where a tenant's name sorts before its neighbours' in one list and behind them in another's, the two differ in bytes and
not in what they say. Names in places that can be exchanged for each other correspond by who has them where.
docs/decisions/alike-tenants.md has the argument.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tenantmesh.checks.alike.forms import Form
from tenantmesh.checks.alike.neighbours import Neighbours
from tenantmesh.checks.alike.unordered import blocks, unordered, written

_ROUNDS = 2
"""So far names are told apart by those around them; whom this leaves alike may count as of different kinds."""
_MOST_NAMES = 100
"""A tenant with more is compared as it is, in its order: to arrange names, each is looked at beside all others."""
_NOBODY = -1


class Arranged(Struct, frozen=True):
    """What tenants have in common whose names correspond in `order`, which has the place of each among its names."""

    kind: object
    order: tuple[int, ...]


class _Text(Struct, frozen=True):
    """A text in which no order counts: `number` is the same for those that are then equal.

    `block` has for each place the first one that it can be exchanged for, so that the text stays the same.
    """

    number: int
    block: tuple[int, ...]


class _View(Struct, frozen=True, order=True):
    """A tenant as a neighbour sees it: its text's number, and the block in which it has each name of the neighbour."""

    text: int
    blocks: tuple[int, ...]

    def of(self, order: Sequence[int]) -> "_View":
        """The same of names in this order."""
        return _View(self.text, tuple([self.blocks[place] for place in order]))


class Arranging:
    """Arranges the names of tenants. `kinds` has the number of each tenant's text with places."""

    def __init__(self, forms: Mapping[str, Form], kinds: Mapping[str, int], neighbours: Neighbours) -> None:
        self._forms, self._kinds, self._neighbours = forms, kinds, neighbours
        self._texts: dict[int, _Text | None] = {}
        self._numbers: dict[object, int] = {}
        self._blocks: dict[int, tuple[int, ...]] = {}

    def arranged(self, tenant: str) -> Arranged | None:
        """The kind of a tenant all of whose neighbours have a number; None where an order may count."""
        if len(self._forms[tenant].names) > _MOST_NAMES:
            return None
        named = self._neighbours.named(tenant)
        heard = self._neighbours.heard(tenant, named)
        texts = {one: text for one in (tenant, *named, *heard) if (text := self._text(one))}
        return self._arranged(tenant, texts, heard) if texts.keys() >= {tenant, *named, *heard} else None

    def _arranged(self, tenant: str, texts: Mapping[str, _Text], heard: Sequence[str]) -> Arranged:
        names, own = self._forms[tenant].names, self._forms[tenant].own
        block, belongs = texts[tenant].block, self._neighbours.belongs(tenant)
        views = {one: self._view(one, text, names) for one, text in texts.items()}
        hearing = [views[one] for one in heard]
        nobody = _View(_NOBODY, (_NOBODY,) * len(names))
        around = [views.get(self._neighbours.owner(name), nobody) for name in names]
        order = _order(block, belongs, around, hearing)
        at = {place: index for index, place in enumerate(order)}
        kind = (
            texts[tenant].number,
            own,
            tuple([block[place] for place in order]),
            tuple([at.get(belongs[place], _NOBODY) for place in order]),
            tuple([around[place].of(order) for place in order]),
            tuple(sorted(one.of(order) for one in hearing)),
        )
        return Arranged(kind, order)

    def _view(self, tenant: str, text: _Text, names: Sequence[str]) -> _View:
        places = self._neighbours.places(tenant, names)
        return _View(text.number, tuple([_NOBODY if place == _NOBODY else text.block[place] for place in places]))

    def _text(self, tenant: str) -> _Text | None:
        number = self._kinds[tenant]
        if number not in self._texts:
            form = self._forms[tenant]
            self._texts[number] = self._without_order(form.text or b"", form.own, len(form.names))
        return self._texts[number]

    def _without_order(self, text: bytes, own: int, names: int) -> _Text | None:
        objects = unordered(text, names)
        if objects is None:
            return None
        number = self._numbers.setdefault((own, names, written(objects)), len(self._numbers))
        if number not in self._blocks:
            self._blocks[number] = blocks(objects, own, names)
        return _Text(number, self._blocks[number])


def corresponding(names: tuple[str, ...], order: Sequence[int], other: Sequence[int]) -> tuple[str, ...]:
    """The names of a tenant, of which `order` is the arrangement, in the places of those that `other` arranges."""
    found = list(names)
    for place, into in zip(order, other, strict=True):
        found[into] = names[place]
    return tuple(found)


def _order(
    block: Sequence[int], belongs: Sequence[int], around: Sequence[_View], heard: Sequence[_View]
) -> tuple[int, ...]:
    """The places of names, sorted by what is so for all tenants of a kind: blocks, and who has which name in which."""
    places = range(len(block))
    rank = _ranks([(block[at], around[at].text, sorted((one.text, one.blocks[at]) for one in heard)) for at in places])
    for _ in range(_ROUNDS):
        if len(set(rank)) == len(places):
            break
        rank = _ranks(
            [
                (
                    rank[at],
                    rank[belongs[at]] if belongs[at] != _NOBODY else _NOBODY,
                    sorted((rank[other], around[at].blocks[other]) for other in places),
                    sorted((rank[other], around[other].blocks[at]) for other in places),
                )
                for at in places
            ]
        )
    return tuple(sorted(places, key=rank.__getitem__))


def _ranks(values: Sequence[Any]) -> list[int]:
    ranked: list[Any] = []
    for value in sorted(values):
        if not ranked or ranked[-1] != value:
            ranked.append(value)
    return [ranked.index(value) for value in values]
