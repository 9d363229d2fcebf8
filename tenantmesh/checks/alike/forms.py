"""Tenants as texts: all objects of each, with places where the names of itself and of its declared neighbours are."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from functools import cache, lru_cache
from importlib import resources

from msgspec import Struct

from tenantmesh.checks.alike.templates import MOST_NAMES, Templates
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import Intent
from tenantmesh.graph.routing.services import PORT_PROTOCOLS
from tenantmesh.graph.texts import known_text, written

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


class Form(Struct, frozen=True):
    """One tenant with names apart.

    `names` are those of its own namespaces and of itself, then those of everybody that it declared something with, in
    the order of its declarations; `own` says how many are its own. `text` is all its objects with places for names, a
    list in JSON for each namespace and a comma between two; None when names can't be told apart in it.
    """

    names: tuple[str, ...]
    own: int
    text: bytes | None


def forms(context: Context) -> Iterator[tuple[str, Form]]:
    """Every tenant with its form."""
    intent = context.intent
    texts = context.cluster.texts
    templates = Templates()
    said = _said(intent)
    for tenant, spaces in intent.tenants.items():
        names = dict.fromkeys((*spaces, tenant))
        own = len(names)
        for side in (intent.exported, intent.imported):
            for space in spaces:
                for other in side.get(space, ()):
                    names[other] = names[intent.owners.get(other, other)] = None
        parts = [texts[space] for space in spaces]
        if tenant in said:
            parts.append(written(said[tenant]))
        yield tenant, Form(tuple(names), own, _template(templates, parts, tuple(names)))


def own_texts(context: Context, tenants: Collection[str]) -> list[bytes] | None:
    """The objects of some tenants as texts; None when a value is not known."""
    texts = [context.cluster.texts[space] for tenant in tenants for space in context.intent.tenants[tenant]]
    known = [text for text in texts if text is not None]
    return known if len(known) == len(texts) else None


def other_texts(context: Context, tenants: Set[str]) -> Iterator[bytes]:
    """All objects but those of `tenants` as texts, as far as their values are known."""
    cluster = context.cluster
    within = {space for space, owner in context.intent.owners.items() if owner in tenants}
    for group, kind in cluster.kinds:
        found = cluster.objects(group, kind)
        for namespace in found.keys() - within:
            for one in found[namespace]:
                if kind != "Namespace" or group or one.body["metadata"]["name"] not in within:
                    yield known_text(one, kind)


def is_safe(text: bytes) -> bool:
    """Whether all places in a text are words by themselves, and compared with others as wholes."""
    return not any(one.search(text) for one in _UNSAFE)


def _said(intent: Intent) -> Mapping[str, Sequence[str]]:
    """What an intent file says of each tenant beside its objects."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in intent.words:
        if word.object is None:
            for tenant in {intent.owners.get(word.owner, ""), intent.owners.get(word.caller, "")}:
                found[tenant].append(repr(word))
    for tenant, some in intent.filed.items():
        found[tenant] += [one.model_dump_json() for one in some]
    return found


def _template(templates: Templates, texts: Sequence[bytes | None], names: Sequence[str]) -> bytes | None:
    known = [text for text in texts if text is not None]
    if len(known) < len(texts) or len(names) > MOST_NAMES or not all(map(_is_plain, names)):
        return None
    return templates.template(b",".join(known), names)


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
