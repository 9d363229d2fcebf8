"""Which namespaces a namespace selector means, in time that grows with what it matches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tenantmesh.graph.labels import Constraint, Selector
from tenantmesh.graph.opening import Peers

NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
"""The label that the API server sets on every namespace."""
EVERYWHERE: Final = Peers(everywhere=True)


class NamespaceIndex:
    """The labels of all namespaces, indexed by key and value; answers are kept by selector."""

    def __init__(self, namespaces: Mapping[str, Mapping[str, str]]) -> None:
        self._labels = namespaces
        self._found: dict[Selector, Peers] = {}
        self._values: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._keys: defaultdict[str, list[str]] = defaultdict(list)
        for name, labels in namespaces.items():
            for pair in labels.items():
                if pair[0] != NAMESPACE_NAME:
                    self._values[pair].append(name)
                    self._keys[pair[0]].append(name)

    def labels(self, namespace: str) -> Mapping[str, str]:
        """A namespace's labels; one that is not there would at least have its name."""
        return self._labels.get(namespace) or {NAMESPACE_NAME: namespace}

    def matching(self, selector: Selector) -> Peers:
        """The namespaces that `selector` matches or may match, everywhere but some where it only excludes."""
        found = self._found.get(selector)
        if found is None:
            found = self._found[selector] = self._match(selector)
        return found

    def _match(self, selector: Selector) -> Peers:
        lists = [found for key, one in selector.constraints if (found := self._candidates(key, one)) is not None]
        if lists:
            return Peers(frozenset(name for name in min(lists, key=len) if selector.matches(self.labels(name))))
        if not selector.constraints:
            return EVERYWHERE
        return Peers(
            frozenset(name for key, one in selector.constraints for name in self._rejected(key, one)), everywhere=True
        )

    def _candidates(self, key: str, constraint: Constraint) -> Sequence[str] | None:
        """A list that holds all namespaces that can satisfy the constraint; None when most of all that are do."""
        if key == NAMESPACE_NAME:
            return None if constraint.values is None else tuple(constraint.values)
        if constraint.absent:
            return None
        if constraint.values is None:
            return self._keys.get(key, ())
        if len(constraint.values) == 1:
            (value,) = constraint.values
            return self._values.get((key, value), ())
        return [name for value in constraint.values for name in self._values.get((key, value), ())]

    def _rejected(self, key: str, constraint: Constraint) -> Iterable[str]:
        if constraint.values is not None:
            return [name for name in self._keys.get(key, ()) if self._labels[name][key] not in constraint.values]
        if key == NAMESPACE_NAME:
            return constraint.excluded
        return [name for value in constraint.excluded for name in self._values.get((key, value), ())]
