"""Tenants as texts: all objects of each, with places where the names of itself and of its declared neighbours are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from operator import attrgetter
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
_SECRET_FIELDS = ("data", "stringData")


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


def forms(context: Context) -> Iterator[tuple[str, Form]]:
    """Every tenant with its form."""
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
                found[owners[namespace]] += map(_readable if kind == "Secret" else _body, some)
    for namespace, tenant in owners.items():
        made = cluster.namespaces[namespace].object
        if made is not None:
            found[tenant].append(made.body)
    return found


def shared_texts(context: Context) -> Iterator[bytes]:
    """All objects that are no tenant's, as text."""
    cluster, owners = context.cluster, context.intent.owners
    for group, kind in cluster.kinds:
        for namespace, some in cluster.objects(group, kind).items():
            if namespace not in owners:
                for one in some:
                    if not (kind == "Namespace" and not group and one.body["metadata"]["name"] in owners):
                        yield _dumped(_readable(one) if kind == "Secret" else one.body) or b""


def is_safe(text: bytes) -> bool:
    """Whether all places in a text are words by themselves, and compared with others as wholes."""
    return not any(one.search(text) for one in _UNSAFE)


_body = attrgetter("body")


def _readable(one: ManifestObject) -> Body:
    """A Secret without what it holds: keys are compared between all tenants, whether they are alike or not."""
    return {name: _fields(value) if name in _SECRET_FIELDS else value for name, value in one.body.items()}


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
    said = (intent.doors, intent.tokens, intent.ranges)
    return words + [one.model_dump_json() for some in said for one in some.get(tenant, ())]


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
