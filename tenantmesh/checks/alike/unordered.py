"""Objects without the order that means nothing: of policies that hold together, of sets, of words declared alike."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson

from tenantmesh.checks.alike.templates import MOST_NAMES, filled
from tenantmesh.checks.declarations.declared import EXPORTS, IMPORTS, PEERS
from tenantmesh.checks.parts import part

_LETTER = b"\x7f"
"""Names begin with it while objects are read. JSON takes it as it is, also in a text that is a text's value."""
_NAMES = tuple(_LETTER + b"%02d" % place for place in range(MOST_NAMES))
_NAME = re.compile("\x7f[0-9]{2}")
_TAKEN = re.compile(rb"\x7f|u007[fF]")
_TOGETHER = frozenset({("networking.k8s.io", "NetworkPolicy"), ("security.istio.io", "AuthorizationPolicy")})
"""Kinds, by group, of which no object comes before another, and all of whose lists are sets."""
_SIDECAR = ("networking.istio.io", "Sidecar")
_NAMESPACE = ("", "Namespace")
_FIRST_BY_NAME = frozenset({_SIDECAR, ("security.istio.io", "PeerAuthentication")})
"""Kinds, by group, of which the first in a namespace counts: by name, where they have no age."""


def unordered(template: bytes, places: Sequence[int]) -> tuple[bytes, ...] | None:
    """The objects of a form's text, equal for two that differ in such order alone; None where order may count.

    `places` has for each place the one whose name is to be there.
    """
    if _TAKEN.search(template):
        return None
    parts: list[list[Any]] = orjson.loads(b"[%b]" % filled(template, [_NAMES[place] for place in places]))
    if any(map(_is_mixed, parts)):
        return None
    return tuple(one for some in parts for one in _part(some))


def _is_mixed(some: list[Any]) -> bool:
    """Whether of objects of which the first by name counts some come first by another version of their kind."""
    found = {(kind, one["apiVersion"]) for one in some if (kind := _kind(one)) in _FIRST_BY_NAME}
    return len(found) > len({kind for kind, _ in found})


def _part(some: list[Any]) -> Iterator[bytes]:
    together: list[bytes] = []
    for one in some:
        kind = _kind(one)
        if kind in _TOGETHER:
            together.append(orjson.dumps(_as_set(one)))
        elif kind == _SIDECAR:
            yield orjson.dumps(_sidecar(one))
        elif kind == _NAMESPACE:
            yield orjson.dumps(_namespace(one))
        else:
            yield orjson.dumps(one)
    yield from sorted(together)


def _kind(one: Any) -> tuple[str, str]:
    """The group and kind of an object; of what an intent file says, nothing."""
    return (one["apiVersion"].rpartition("/")[0], one["kind"]) if isinstance(one, dict) else ("", "")


def _as_set(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_set(each) for name, each in value.items()}
    return sorted(map(_as_set, value), key=orjson.dumps) if isinstance(value, list) else value


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


def _words(text: str) -> list[str]:
    """What is declared. Of two words that say something else the first may be the one that counts for a name."""
    said = [orjson.dumps(_as_set(one)).decode() for one in orjson.loads(text)]
    return [one for _, some in groupby(said, key=lambda one: _NAME.sub("", one)) for one in sorted(some)]
