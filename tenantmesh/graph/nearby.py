"""Things that are each about few namespaces, as the policies of a pod that thousands may call: which are near one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Generic, TypeVar

_FEW: Final = 16
"""What is about more namespaces than these is near to all."""
_Thing = TypeVar("_Thing")


class Nearby(Generic[_Thing]):
    """Things in order, each with the namespaces that it may be about; None is any, or somebody who is in none."""

    def __init__(self, things: Iterable[tuple[_Thing, frozenset[str] | None]]) -> None:
        self._near: defaultdict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        self.things: list[_Thing] = []
        for at, (thing, spaces) in enumerate(things):
            self.things.append(thing)
            if spaces is None or len(spaces) > _FEW:
                self._always.append(at)
            else:
                for space in spaces:
                    self._near[space].append(at)

    def places(self, namespace: str | None) -> Sequence[int]:
        """Where those are that may be about a namespace, in order; with None those about somebody who is in none."""
        near = self._near.get(namespace) if namespace is not None else None
        return sorted((*near, *self._always)) if near else self._always

    def about(self, namespace: str | None) -> list[_Thing]:
        """The things at those places."""
        return [self.things[at] for at in self.places(namespace)]


def together(some: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """The namespaces of several things that are one; None where one of them may be about any."""
    found: frozenset[str] = frozenset()
    for one in some:
        if one is None:
            return None
        found |= one
    return found
