"""Which roles an aggregated ClusterRole takes its rules from.

In place of the aggregated role's own rules the controller puts those of all other ClusterRoles that a selector fits,
again and again until nothing changes. Aggregated roles that select one another may keep rules that were once written
in one of them: what is left depends on the order of the controller's steps, so those rules are doubtful.
Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from tenantmesh.graph.labels import selector
from tenantmesh.manifest import ManifestObject


def is_aggregated(role: ManifestObject) -> bool:
    """Whether the controller writes the role's rules."""
    return role.body.get("aggregationRule") is not None


class Aggregation:
    """The ClusterRoles of a cluster, indexed by their labels."""

    def __init__(self, roles: Mapping[str, ManifestObject]) -> None:
        self._roles = roles
        self._direct: dict[str, tuple[str, ...]] = {}

    def sources(self, name: str) -> tuple[tuple[ManifestObject, bool], ...]:
        """Where the rules of the aggregated role `name` come from, and whether they surely do, sorted by name.

        TypeError where a selector holds what is not understood.
        """
        found: list[tuple[ManifestObject, bool]] = []
        for source in sorted({name, *self._reached(name)}):
            role = self._roles[source]
            if not is_aggregated(role):
                found.append((role, True))
            elif role.body.get("rules") and source in self._reached(source):
                found.append((role, False))
        return tuple(found)

    def _reached(self, name: str) -> set[str]:
        """All roles that `name` takes from, directly or through others; itself among them when it is in a cycle."""
        reached: set[str] = set()
        waiting = list(self._selected(name))
        while waiting:
            one = waiting.pop()
            if one not in reached:
                reached.add(one)
                waiting += self._selected(one)
        return reached

    def _selected(self, name: str) -> tuple[str, ...]:
        """The roles that `name` selects, without itself."""
        if name not in self._direct:
            rule = self._roles[name].body.get("aggregationRule") or {}
            selectors = rule.get("clusterRoleSelectors") or ()
            found = {one for body in selectors for one in self._matching(body)}
            self._direct[name] = tuple(found - {name})
        return self._direct[name]

    def _matching(self, body: Mapping[str, Any]) -> Iterable[str]:
        wanted = selector(body)
        if wanted.unknown:
            raise TypeError(wanted.unknown)
        candidates = self._candidates(body.get("matchLabels") or {})
        return (one for one in candidates if wanted.matches(_labels(self._roles[one])))

    def _candidates(self, wanted: Mapping[str, str]) -> Iterable[str]:
        return min((self._labelled.get(pair, ()) for pair in wanted.items()), key=len, default=tuple(self._roles))

    @cached_property
    def _labelled(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for name, role in self._roles.items():
            for pair in _labels(role).items():
                found[pair].append(name)
        return {pair: tuple(some) for pair, some in found.items()}


def _labels(role: ManifestObject) -> Mapping[str, str]:
    return role.body["metadata"].get("labels") or {}
