"""Objects without the order that means nothing: of policies that hold together, of sets, of words declared alike."""

import re
from collections.abc import Iterator
from itertools import count, groupby
from typing import Any

import orjson

from tenantmesh.checks.alike.templates import MOST_NAMES, filled
from tenantmesh.checks.declarations.declared import EXPORTS, IMPORTS, PEERS
from tenantmesh.checks.parts import part

_LETTER = "\x7f"
"""Names begin with it while objects are read. JSON takes it as it is, also in a text that is a text's value."""
_ANY = _LETTER * 2
_NAMES = tuple(f"{_LETTER}{place:03}" for place in range(MOST_NAMES))
_WRITTEN = tuple(map(str.encode, _NAMES))
_NAME = re.compile("\x7f[0-9]{3}")
_TAKEN = re.compile(rb"\x7f|u007[fF]")
_TOGETHER = frozenset({("networking.k8s.io", "NetworkPolicy"), ("security.istio.io", "AuthorizationPolicy")})
"""Kinds, by group, of which no object comes before another, and all of whose lists are sets."""
_SIDECAR = ("networking.istio.io", "Sidecar")
_NAMESPACE = ("", "Namespace")
_FIRST_BY_NAME = frozenset({_SIDECAR, ("security.istio.io", "PeerAuthentication")})
"""Kinds, by group, of which the first in a namespace counts: by name, where they have no age."""


class _Set(list[Any]):
    """A list whose order means nothing."""


def unordered(template: bytes, names: int) -> Any:
    """The objects of a form's text, read so that it is known which order means nothing; None where that isn't sure."""
    if _TAKEN.search(template):
        return None
    parts: list[list[Any]] = orjson.loads(b"[%b]" % filled(template, _WRITTEN[:names]))
    return None if any(map(_is_mixed, parts)) else list(map(_part, parts))


def written(value: Any) -> bytes:
    """What was read as a text that is the same for all that differ in such order alone."""
    return orjson.dumps(_sorted(value))


def blocks(objects: Any, own: int, names: int) -> tuple[int, ...]:
    """For each place the first that it can be exchanged for, so that the objects stay the same; own ones for none.

    Two names can where each set has the same of both: elements that name one of all, and nothing else names either.
    """
    said: list[list[tuple[int, str]]] = [[] for _ in range(names)]
    for place, what in _occurrences(objects, own, count()):
        said[place].append(what)
    first: dict[tuple[tuple[int, str], ...], int] = {}
    return tuple(at if at < own else first.setdefault(tuple(sorted(said[at])), at) for at in range(names))


def _occurrences(value: Any, own: int, fresh: Iterator[int]) -> Iterator[tuple[int, tuple[int, str]]]:
    """Which place is named where, and by what: the same of two where elements of a set differ in the name alone."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _occurrences(name, own, fresh)
            yield from _occurrences(each, own, fresh)
    elif isinstance(value, _Set):
        here = next(fresh)
        for each in value:
            text = written(each).decode()
            named = _others(text, own)
            if len(named) == 1:
                (place,) = named
                yield place, (here, text.replace(_NAMES[place], _ANY))
            elif named:
                yield from _occurrences(each, own, fresh)
    elif isinstance(value, list):
        for each in value:
            yield from _occurrences(each, own, fresh)
    elif isinstance(value, str):
        yield from ((place, (next(fresh), "")) for place in _others(value, own))


def _others(text: str, own: int) -> set[int]:
    return {place for one in _NAME.findall(text) if (place := int(one[1:])) >= own}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(each) for name, each in value.items()}
    if isinstance(value, list):
        found = map(_sorted, value)
        return sorted(found, key=orjson.dumps) if isinstance(value, _Set) else list(found)
    return value


def _is_mixed(some: list[Any]) -> bool:
    """Whether of objects of which the first by name counts some come first by another version of their kind."""
    found = {(kind, one["apiVersion"]) for one in some if (kind := _kind(one)) in _FIRST_BY_NAME}
    return len(found) > len({kind for kind, _ in found})


def _part(some: list[Any]) -> list[Any]:
    together, others = _Set(), list[Any]()
    for one in some:
        kind = _kind(one)
        if kind in _TOGETHER:
            together.append(_as_set(one))
        elif kind == _SIDECAR:
            others.append(_sidecar(one))
        elif kind == _NAMESPACE:
            others.append(_namespace(one))
        else:
            # As a whole it is read no further.
            others.append(orjson.dumps(one).decode())
    return [*others, together]


def _kind(one: Any) -> tuple[str, str]:
    """The group and kind of an object; of what an intent file says, nothing."""
    return (one["apiVersion"].rpartition("/")[0], one["kind"]) if isinstance(one, dict) else ("", "")


def _as_set(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_set(each) for name, each in value.items()}
    return _Set(map(_as_set, value)) if isinstance(value, list) else value


def _sidecar(body: dict[str, Any]) -> dict[str, Any]:
    said = part(body, "spec")
    egress = said.get("egress")
    if not isinstance(egress, list):
        return body
    return {**body, "spec": {**said, "egress": list(map(_listener, egress))}}


def _listener(one: Any) -> Any:
    return {**one, "hosts": _as_set(one["hosts"])} if isinstance(one, dict) and "hosts" in one else one


def _namespace(body: dict[str, Any]) -> dict[str, Any]:
    annotations = part(body, "metadata", "annotations")
    said = {name: _words(annotations[name]) for name in (EXPORTS, IMPORTS, PEERS) if name in annotations}
    return {**body, "metadata": {**body["metadata"], "annotations": {**annotations, **said}}}


def _words(text: str) -> list[Any]:
    """What is declared. Of two words that say something else the first may be the one that counts for a name."""
    said = map(_as_set, orjson.loads(text))
    return [_Set(some) for _, some in groupby(said, key=lambda one: _NAME.sub("", written(one).decode()))]
