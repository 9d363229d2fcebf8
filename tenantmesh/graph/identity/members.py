"""Members of the mesh by the namespace in their names: whom a value of a policy can mean is known without trying it."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from tenantmesh.graph.nearby import Nearby

MANY: Final = 8
"""Fewer than these are tried one by one."""
_Thing = TypeVar("_Thing")
# Where a part is called `ns` too, an expression could take another part for the namespace.
_MEMBER: Final = re.compile(r"spiffe://(?!ns/)[^/]+/ns/(?!ns/)([^/]+)/sa/[^/]+")
_VALUES: Final = {
    "source.principal": re.compile(r"[^/*]+/ns/([^/*]+)/sa/.*", re.DOTALL),
    "source.namespace": re.compile(r"([^/*]+)"),
    "source.serviceAccount": re.compile(r"([^/*]+)/.*", re.DOTALL),
}


def meant(attribute: str, values: Iterable[str]) -> frozenset[str] | None:
    """The namespaces of all members that fit one of `values`; None where others, or somebody else, may fit too."""
    known = _VALUES.get(attribute)
    found = [known.fullmatch(value) if known else None for value in values]
    named = [one[1] for one in found if one]
    return frozenset(named) if len(named) == len(found) else None


def near_to(things: Nearby[_Thing], principal: str | None) -> Sequence[_Thing]:
    """Those of `things` that can mean somebody of this name; None is somebody without one."""
    if principal is None:
        return things.about(None)
    namespace = _namespace(principal)
    return things.things if namespace is None else things.about(namespace)


@lru_cache(maxsize=1 << 14)
def _namespace(principal: str) -> str | None:
    found = _MEMBER.fullmatch(principal)
    return found[1] if found else None
