"""Who depends on whom among the records of a state; built once, asked often."""

from collections import defaultdict
from collections.abc import Iterable

from tenantmesh.engine import urn as urns
from tenantmesh.engine.resource import ResourceState


def references(state: ResourceState) -> set[str]:
    """The URNs of all that `state` uses, its provider included; to have a parent is not to use it."""
    found = {state.deleted_with, urns.split_reference(state.provider)[0]}
    found.update(state.dependencies, state.replace_with, *state.property_dependencies.values())
    found.discard("")
    return found


def dependencies(state: ResourceState) -> set[str]:
    """The URNs of everything that has to be there before `state`, its parent included."""
    found = references(state)
    if state.parent:
        found.add(state.parent)
    return found


class Graph:
    """The dependency graph of records that stand in order, dependencies before dependents."""

    def __init__(self, states: Iterable[ResourceState]) -> None:
        self._states = tuple(states)
        self._index = {state.key: index for index, state in enumerate(self._states)}
        self._dependents: defaultdict[str, list[int]] = defaultdict(list)
        for index, state in enumerate(self._states):
            for urn in references(state):
                self._dependents[urn].append(index)

    def dependents(self, root: ResourceState) -> list[ResourceState]:
        """All that directly or indirectly depend on `root`, in order; to be a child of it is not enough."""
        if root.key not in self._index:
            return []
        found: set[int] = set()
        fringe = [self._index[root.key]]
        while fringe:
            current = fringe.pop()
            for index in self._dependents[self._states[current].urn]:
                if index > current and index not in found:
                    found.add(index)
                    fringe.append(index)
        return [self._states[index] for index in sorted(found)]


def deletion_order(states: Iterable[ResourceState]) -> dict[int, set[int]]:
    """For the key of each record, the keys of those that have to be deleted before it: its dependents and children."""
    latest: defaultdict[str, list[ResourceState]] = defaultdict(list)
    waits: dict[int, set[int]] = {}
    for state in states:
        waits[state.key] = set()
        for urn in dependencies(state):
            for dependency in latest[urn]:
                waits[dependency.key].add(state.key)
        latest[state.urn].append(state)
    return waits
