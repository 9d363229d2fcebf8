"""Tenants that are alike, names apart: what is proven of one holds for all whose objects differ in names alone.

A proof asks of names only whether they are equal, and where words end. So to exchange names one for one changes nothing
in a proof but the names, if no word with a meaning of its own takes part. Two tenants are alike when such an exchange
takes the one's objects to the other's, and those of everybody that either has declared something with.
docs/decisions/alike-tenants.md has the argument, and why each condition is held here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import orjson

from tenantmesh.checks.context import Context
from tenantmesh.graph.routing.services import PORT_PROTOCOLS
from tenantmesh.manifest import Body, ManifestObject

# Names stand between these two with their place, a byte that no text has.
_BEGIN, _PLACE, _END = b"\x01", 0x80, b"\x02"
_MOST_NAMES = 100
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
# Where a name is not a whole word, or may be compared by more than equality: in patterns, paths and expressions.
_UNSAFE = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\x02[A-Za-z0-9_*]",
        rb"\x01(?<=[A-Za-z0-9_*\\]\x01)",
        rb'"/[^"\x01]*\x01',
        rb'[eE]gex\\?":\\?"[^"\x01]*\x01',
        rb'fix\\?":\\?"[^"\x01]*\x01',
        rb"RegularExpression",
        rb"atchPattern",
        rb'xpression\\?":\\?"[^"\x01]*\x01',
    )
)
_TOKEN = re.compile(r"[a-z0-9._-]+")
_RUNS = re.compile(r"[a-z0-9]+")
_SECRET_FIELDS = ("data", "stringData")


@dataclass(frozen=True, slots=True)
class Key:
    """What tenants that are alike have in common, and one tenant's names, which correspond to the others' in order."""

    kind: object
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One tenant with names apart.

    `names` are those of its own namespaces and of itself, then those of everybody that it declared something with, in
    the order of its declarations; `own` says how many are its own. `text` is all its objects with places for names;
    None when names can't be told apart in it.
    """

    names: tuple[str, ...]
    own: int
    text: bytes | None


def alike(context: Context) -> Mapping[str, Key]:
    """A key for each tenant that may be like another, of one kind for those that are."""
    forms = dict(_forms(context))
    known = {name for form in forms.values() for name in form.names[: form.own]} | context.cluster.namespaces.keys()
    apart = {tenant: form for tenant, form in forms.items() if form.text is not None}
    numbers: dict[bytes, int] = {}
    numbered = {tenant: numbers.setdefault(form.text or b"", len(numbers)) for tenant, form in apart.items()}
    unsafe = {number for text, number in numbers.items() if any(one.search(text) for one in _UNSAFE)}
    kinds = {tenant: number for tenant, number in numbered.items() if number not in unsafe}
    hidden = _within(known)
    named = _mentions([*numbers, *_rest(context)], known)
    owners = {name: tenant for tenant, form in forms.items() for name in form.names[: form.own]}
    twice = {name for tenant, form in forms.items() for name in form.names[: form.own] if owners[name] != tenant}
    speakers = _speakers(forms, owners)
    return {
        tenant: Key(key, form.names)
        for tenant, form in apart.items()
        if tenant in kinds and not (named | twice).intersection(form.names[: form.own]) and _is_told_apart(form, hidden)
        if (key := _key(tenant, form, forms, kinds, owners, speakers)) is not None
    }


def _forms(context: Context) -> Iterator[tuple[str, Form]]:
    intent = context.intent
    objects = _objects(context)
    for tenant, spaces in intent.tenants.items():
        own = dict.fromkeys((*spaces, tenant))
        sides = (intent.exported, intent.imported)
        others = [other for side in sides for space in spaces for other in side.get(space, ())]
        parties = dict.fromkeys(name for space in others for name in (space, intent.owners.get(space, space)))
        names = tuple({**own, **parties})
        yield tenant, Form(names, len(own), _text(objects[tenant], names, _said(context, tenant)))


def _objects(context: Context) -> dict[str, list[Body]]:
    """Each tenant's objects in the order of the manifest: by kind, namespace and name."""
    cluster, owners = context.cluster, context.intent.owners
    found: dict[str, list[Body]] = {tenant: [] for tenant in context.intent.tenants}
    for group, kind in cluster.kinds:
        for namespace, some in cluster.objects(group, kind).items():
            if namespace in owners:
                found[owners[namespace]] += map(_readable, some)
    for namespace, tenant in owners.items():
        made = cluster.namespaces[namespace].object
        if made is not None:
            found[tenant].append(made.body)
    return found


def _rest(context: Context) -> Iterator[bytes]:
    """All objects that are no tenant's, as text."""
    cluster, owners = context.cluster, context.intent.owners
    for group, kind in cluster.kinds:
        for namespace, some in cluster.objects(group, kind).items():
            if namespace not in owners:
                for one in some:
                    if not (kind == "Namespace" and not group and one.body["metadata"]["name"] in owners):
                        yield _dumped(_readable(one)) or b""


def _readable(one: ManifestObject) -> Body:
    """An object without what a Secret holds: keys are compared between all tenants, whether they are alike or not."""
    body = one.body
    if body.get("kind") != "Secret":
        return body
    return {name: _fields(value) if name in _SECRET_FIELDS else value for name, value in body.items()}


def _fields(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, Mapping) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _said(context: Context, tenant: str) -> list[str]:
    """What an intent file may say of a tenant beside its objects."""
    intent = context.intent
    sides = (intent.exported, intent.imported)
    words = [
        repr(word)
        for side in sides
        for space in intent.tenants[tenant]
        for some in side.get(space, {}).values()
        for word in some
        if word.object is None
    ]
    return words + [one.model_dump_json() for one in intent.doors.get(tenant, ())]


def _text(objects: list[Body], names: Sequence[str], said: list[str]) -> bytes | None:
    if len(names) > _MOST_NAMES or not all(_is_plain(name) for name in names):
        return None
    text = _dumped([objects, said])
    if text is None:
        return None
    for place, name in sorted(enumerate(names), key=lambda one: -len(one[1])):
        text = text.replace(name.encode(), _BEGIN + bytes((_PLACE + place,)) + _END)
    return text


def _dumped(value: Any) -> bytes | None:
    """None for what has no plain text: values that nobody knows yet, secrets among them."""
    try:
        return orjson.dumps(value, default=_plain)
    except orjson.JSONEncodeError:
        return None


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise TypeError


@cache
def _reserved() -> tuple[frozenset[str], tuple[str, ...]]:
    words = resources.files("tenantmesh.checks").joinpath("reserved.txt").read_text(encoding="utf-8").split()
    return frozenset(words), tuple(word for word in words if word.endswith("-"))


def _is_plain(name: str) -> bool:
    words, beginnings = _reserved()
    # The first word of a port's name is its protocol.
    return not (
        _NAME.fullmatch(name) is None
        or name in words
        or name.startswith(beginnings)
        or name.partition("-")[0] in PORT_PROTOCOLS
    )


def _within(known: Iterable[str]) -> dict[str, set[str]]:
    """The names that are words of longer names, as `a` is of `a-b`, with these."""
    names = frozenset(known)
    found: dict[str, set[str]] = {}
    for name in names:
        for run in _subwords(name):
            if run in names and run != name:
                found.setdefault(run, set()).add(name)
    return found


def _is_told_apart(form: Form, within: Mapping[str, set[str]]) -> bool:
    return all(within[name] <= set(form.names) for name in form.names if name in within)


def _mentions(texts: Iterable[bytes], known: set[str]) -> set[str]:
    """The names that are in a text in plain letters, where no declaration gave them a place."""
    found: set[str] = set()
    seen: set[str] = set()
    for text in texts:
        fresh = set(_TOKEN.findall(text.decode(errors="replace").lower())) - seen
        seen |= fresh
        found.update(run for token in fresh for run in _subwords(token) if run in known)
    return found


def _subwords(token: str) -> Iterator[str]:
    """Every run of words in a token, with what joins them."""
    words = [(one.start(), one.end()) for one in _RUNS.finditer(token)]
    for at, (start, _) in enumerate(words):
        for _, end in words[at:]:
            yield token[start:end]


_Speakers = Mapping[str, Sequence[str]]


def _speakers(forms: Mapping[str, Form], owners: Mapping[str, str]) -> _Speakers:
    """Who declared something with each tenant."""
    found: dict[str, dict[str, None]] = {}
    for tenant, form in forms.items():
        for name in form.names[form.own :]:
            if name in owners:
                found.setdefault(owners[name], {})[tenant] = None
    return {tenant: tuple(some) for tenant, some in found.items()}


def _key(
    tenant: str,
    form: Form,
    forms: Mapping[str, Form],
    kinds: Mapping[str, int],
    owners: Mapping[str, str],
    speakers: _Speakers,
) -> object | None:
    """What has to be equal: the tenant's kind, the order of its names, its neighbours' kinds and where each has it."""
    named = dict.fromkeys(owners[name] for name in form.names[form.own :] if name in owners)
    heard = [one for one in speakers.get(tenant, ()) if one not in named]
    if not (named.keys() | heard) <= kinds.keys():
        return None
    names = form.names

    def seen(other: str) -> tuple[int, tuple[tuple[int, int], ...]]:
        places = {name: place for place, name in enumerate(forms[other].names)}
        return kinds[other], tuple((place, places[name]) for place, name in enumerate(names) if name in places)

    order = tuple(sorted(range(len(names)), key=names.__getitem__))
    belongs = tuple(names.index(owners[name]) if name in owners else -1 for name in names)
    return (kinds[tenant], order, form.own, belongs, tuple(map(seen, named)), tuple(sorted(map(seen, heard))))
