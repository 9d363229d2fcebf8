"""Tenants that are alike, names apart: what is proven of one holds for all whose objects differ in names alone.

A proof asks of names only whether they are equal, and where words end. So to exchange names one for one changes nothing
in a proof but the names, if no word with a meaning of its own takes part. Two tenants are alike when such an exchange
takes the one's objects to the other's, and those of everybody that either has declared something with.
docs/decisions/alike-tenants.md has the argument, and why each condition is held here.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain

from msgspec import Struct

from tenantmesh.checks.alike.arranging import Arranged, Arranging, corresponding
from tenantmesh.checks.alike.forms import Form, forms, is_safe, other_texts, own_texts
from tenantmesh.checks.alike.neighbours import Neighbours
from tenantmesh.checks.alike.partial import partly_named
from tenantmesh.checks.context import Context

_TOKEN = re.compile(r"[a-z0-9._-]+")
_ESCAPE = re.compile(r"\\+(?:[bfnrt]|u[0-9a-f]{4})")
_RUNS = re.compile(r"[a-z0-9]+")


class Key(Struct, frozen=True):
    """What tenants that are alike have in common, and one tenant's names, which correspond to the others' in order.

    `is_usual` says that its names sort, and stand in its objects, in the order that most of the kind have.
    """

    kind: int
    names: tuple[str, ...]
    is_usual: bool = True


def alike(context: Context) -> Mapping[str, Key]:
    """A key for each tenant that may be like another, of one kind for those that are."""
    found = dict(forms(context))
    known = {name for form in found.values() for name in form.names[: form.own]} | context.cluster.namespaces.keys()
    apart = {tenant: form for tenant, form in found.items() if form.text is not None}
    numbers: dict[bytes, int] = {}
    numbered = {tenant: numbers.setdefault(form.text or b"", len(numbers)) for tenant, form in apart.items()}
    unsafe = {number for text, number in numbers.items() if not is_safe(text)}
    hidden = _within(known)
    named = _mentions([*numbers, *other_texts(context, apart.keys())], known)
    owners = {name: tenant for tenant, form in found.items() for name in form.names[: form.own]}
    twice = {name for tenant, form in found.items() for name in form.names[: form.own] if owners[name] != tenant}
    taken = named | twice
    kinds = {
        tenant: number
        for tenant, number in numbered.items()
        if number not in unsafe and taken.isdisjoint(apart[tenant].names)
    }
    neighbours = Neighbours(found, owners)
    near = _Near(kinds, neighbours)
    exact = {
        tenant: key
        for tenant, form in apart.items()
        if tenant in kinds and _is_told_apart(form, hidden)
        if (key := near.key(tenant, form)) is not None
    }
    return dict(_keys(exact, found, Arranging(found, kinds, neighbours)))


def mentioned(context: Context, tenants: Collection[str]) -> Set[str] | None:
    """All tenants that the objects of some name in any way; None where not all of the objects have a text."""
    texts = own_texts(context, tenants)
    if texts is None:
        return None
    owners = context.intent.owners
    known = {**{tenant: tenant for tenant in context.intent.tenants}, **owners}
    return {known[name] for name in _mentions(texts, known.keys())}


def _within(known: Iterable[str]) -> dict[str, set[str]]:
    """The names that are words of longer names, as `a` is of `a-b`, with these."""
    names = frozenset(known)
    found: dict[str, set[str]] = {}
    for name in names:
        if _RUNS.fullmatch(name):
            continue
        for run in _subwords(name):
            if run in names and run != name:
                found.setdefault(run, set()).add(name)
    return found


def _is_told_apart(form: Form, within: Mapping[str, set[str]]) -> bool:
    if within.keys().isdisjoint(form.names):
        return True
    return all(within[name] <= set(form.names) for name in form.names if name in within)


def _mentions(texts: Iterable[bytes], known: Set[str]) -> set[str]:
    """The names that a text has in plain letters, where no declaration gave them a place, or a part of a word fits."""
    small = [text.decode(errors="replace").lower() for text in texts]
    found = partly_named(small, known)
    # No token goes over a quote, and tenants' texts have most parts between quotes in common.
    parts = "\n".join(set(chain.from_iterable(text.split('"') for text in small)))
    # What is written as an escape would be taken for the letters behind it.
    tokens = {*_TOKEN.findall(parts), *_TOKEN.findall(_ESCAPE.sub(" ", parts))}
    found.update(run for token in tokens for run in _subwords(token) if run in known)
    return found


def _subwords(token: str) -> Iterator[str]:
    """Every run of words in a token, with what joins them."""
    words = [(one.start(), one.end()) for one in _RUNS.finditer(token)]
    for at, (start, _) in enumerate(words):
        for _, end in words[at:]:
            yield token[start:end]


class _Near:
    """What tenants see of one another: the kind of each neighbour, and which names both have."""

    def __init__(self, kinds: Mapping[str, int], neighbours: Neighbours) -> None:
        self._kinds, self._neighbours = kinds, neighbours

    def key(self, tenant: str, form: Form) -> object | None:
        """What has to be equal: the kind, the order of names, the neighbours' kinds and where each has them."""
        names, kinds, neighbours = form.names, self._kinds, self._neighbours
        named = neighbours.named(tenant)
        heard = neighbours.heard(tenant, named)
        if not kinds.keys() >= {*named, *heard}:
            return None
        order = tuple(sorted(range(len(names)), key=names.__getitem__))
        seen, hearing = self._seen(named, names), self._seen(heard, names)
        return kinds[tenant], order, form.own, neighbours.belongs(tenant), tuple(seen), tuple(sorted(hearing))

    def _seen(self, others: Iterable[str], names: tuple[str, ...]) -> list[tuple[int, tuple[int, ...]]]:
        """The kind of each of some tenants, and the place that each name has among its names."""
        return [(self._kinds[one], self._neighbours.places(one, names)) for one in others]


def _keys(exact: Mapping[str, object], some: Mapping[str, Form], arranging: Arranging) -> Iterator[tuple[str, Key]]:
    """The key of each tenant: of one kind are those with the same in `exact`, and those where only an order differs."""
    same: defaultdict[object, list[str]] = defaultdict(list)
    for tenant, one in exact.items():
        same[one].append(tenant)
    kinds: defaultdict[object, list[tuple[Sequence[str], Sequence[int]]]] = defaultdict(list)
    for key, tenants in same.items():
        first = arranging.arranged(tenants[0]) or Arranged(key, ())
        kinds[first.kind].append((tenants, first.order))
    for kind, several in enumerate(kinds.values()):
        usual, usual_order = max(several, key=lambda one: len(one[0]))
        for tenant in usual:
            yield tenant, Key(kind, some[tenant].names)
        for tenants, order in several:
            if tenants is not usual:
                for tenant in tenants:
                    yield tenant, Key(kind, corresponding(some[tenant].names, order, usual_order), is_usual=False)
