"""Tenants as texts: all objects of each, with places where the names of itself and of its declared neighbours are."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from operator import attrgetter
from typing import Any

import orjson

from tenantmesh.checks.alike.templates import MOST_NAMES, Templates
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import Intent
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.routing.services import PORT_PROTOCOLS
from tenantmesh.manifest import Body, ManifestObject

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
    objects = _objects(context.cluster, intent.owners)
    templates = Templates()
    said = _said(intent)
    for tenant, spaces in intent.tenants.items():
        names = dict.fromkeys((*spaces, tenant))
        own = len(names)
        for side in (intent.exported, intent.imported):
            for space in spaces:
                for other in side.get(space, ()):
                    names[other] = names[intent.owners.get(other, other)] = None
        yield tenant, Form(tuple(names), own, _text(templates, objects[tenant], tuple(names), said.get(tenant, ())))


def own_texts(context: Context, tenants: Collection[str]) -> list[bytes] | None:
    """The objects of some tenants as texts; None when a value is not known."""
    spaces = {space: tenant for tenant in tenants for space in context.intent.tenants[tenant]}
    texts = [_dumped(some) for some in _objects(context.cluster.within(spaces.keys()), spaces).values()]
    known = [text for text in texts if text is not None]
    return known if len(known) == len(texts) else None


def _objects(cluster: Cluster, owners: Mapping[str, str]) -> dict[str, list[Body]]:
    """Each tenant's objects in the order of the manifest: by kind, namespace and name."""
    found: dict[str, list[Body]] = {tenant: [] for tenant in owners.values()}
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


def _said(intent: Intent) -> Mapping[str, Sequence[str]]:
    """What an intent file may say of each tenant beside its objects."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in intent.words:
        if word.object is None:
            for tenant in {intent.owners.get(word.owner, ""), intent.owners.get(word.caller, "")}:
                found[tenant].append(repr(word))
    for said in (intent.doors, intent.tokens, intent.ranges, intent.callers):
        for tenant, some in said.items():
            found[tenant] += [one.model_dump_json() for one in some]
    return found


def _text(templates: Templates, objects: list[Body], names: Sequence[str], said: Sequence[str]) -> bytes | None:
    if len(names) > MOST_NAMES or not all(map(_is_plain, names)):
        return None
    text = _dumped([objects, said])
    return None if text is None else templates.template(text, names)


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


@lru_cache(maxsize=100_000)
def _is_plain(name: str) -> bool:
    words, beginnings = _reserved()
    # The first word of a port's name is its protocol.
    return not (
        _NAME.fullmatch(name) is None
        or name in words
        or name.startswith(beginnings)
        or name.partition("-")[0] in PORT_PROTOCOLS
    )
