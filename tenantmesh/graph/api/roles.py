"""The roles of a cluster with the rules that they end up with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenantmesh.graph.api import rules
from tenantmesh.graph.api.aggregation import Aggregation, is_aggregated
from tenantmesh.graph.api.bootstrap import GROUP, defaults, is_default
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject

_FIELDS: Mapping[str, frozenset[str]] = {
    "Role": frozenset({"apiVersion", "kind", "metadata", "rules"}),
    "ClusterRole": frozenset({"apiVersion", "kind", "metadata", "rules", "aggregationRule"}),
}


@dataclass(frozen=True, slots=True)
class RoleRule:
    """One rule of a role: what it grants, the names it is limited to, and where it is written.

    `certain` is False for a rule that the aggregation may drop or keep.
    """

    grants: rules.Grants
    names: tuple[str, ...]
    object: ManifestObject
    path: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Role:
    """A Role or ClusterRole, its rules, and what of it is not understood.

    `default` says that it is the server's own, unchanged.
    """

    object: ManifestObject
    rules: tuple[RoleRule, ...]
    doubts: tuple[Evidence, ...] = ()
    default: bool = False


class Roles:
    """Finds roles; each is read once, when it is first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self._namespaced = cluster.objects(GROUP, "Role")
        own = {one.body["metadata"]["name"]: one for one in cluster.objects(GROUP, "ClusterRole").get("", ())}
        self._cluster = {**defaults("ClusterRole"), **own}
        self._aggregation = Aggregation(self._cluster)
        self._of: dict[str, dict[str, ManifestObject]] = {}
        self._read: dict[tuple[str, str, str], Role | None] = {}
        self._granted: dict[rules.Key, rules.Grants] = {}

    def find(self, kind: str, namespace: str, name: str) -> Role | None:
        """The role that a binding in `namespace` refers to; None when it is not there."""
        place = namespace if kind == "Role" else ""
        if (kind, place, name) not in self._read:
            one = self._named(place).get(name) if kind == "Role" else self._cluster.get(name)
            self._read[kind, place, name] = None if one is None else self._role(one)
        return self._read[kind, place, name]

    def _named(self, namespace: str) -> Mapping[str, ManifestObject]:
        if namespace not in self._of:
            self._of[namespace] = {one.body["metadata"]["name"]: one for one in self._namespaced.get(namespace, ())}
        return self._of[namespace]

    def _role(self, one: ManifestObject) -> Role:
        doubts: list[Evidence] = []
        found: list[RoleRule] = []
        if unknown := one.body.keys() - _FIELDS[one.body["kind"]]:
            doubts += [Evidence(Effect.UNKNOWN, f"the field {field} is not known", one, field) for field in unknown]
        for source, certain in self._sources(one, doubts):
            written: Any = source.body.get("rules") or ()
            if not isinstance(written, list | tuple):
                doubts.append(Evidence(Effect.UNKNOWN, "its rules are known only after a deployment", source, "rules"))
                continue
            for index, rule in enumerate(written):
                self._add(RulePlace(source, f"rules[{index}]", certain), rule, found, doubts)
        return Role(one, tuple(found), tuple(doubts), one.body["kind"] == "ClusterRole" and is_default(one))

    def _sources(self, one: ManifestObject, doubts: list[Evidence]) -> tuple[tuple[ManifestObject, bool], ...]:
        if one.body["kind"] == "Role" or not is_aggregated(one):
            return ((one, True),)
        try:
            return self._aggregation.sources(one.body["metadata"]["name"])
        except (AttributeError, KeyError, TypeError) as problem:
            doubts.append(Evidence(Effect.UNKNOWN, f"its selectors are not understood: {problem}", one, _SELECTORS))
            return ()

    def _add(self, place: "RulePlace", rule: Any, found: list[RoleRule], doubts: list[Evidence]) -> None:
        try:
            if unknown := rule.keys() - rules.FIELDS:
                path = f"{place.path}.{min(unknown)}"
                doubts.append(Evidence(Effect.UNKNOWN, f"the field {min(unknown)} is not known", place.object, path))
            key = rules.key(rule)
            granted = self._granted.get(key)
            if granted is None:
                granted = self._granted[key] = rules.grants(key)
            found.append(RoleRule(granted, rules.names(rule), place.object, place.path, place.certain))
        except (AttributeError, TypeError):
            doubts.append(Evidence(Effect.UNKNOWN, "this rule is known only in part", place.object, place.path))


@dataclass(frozen=True, slots=True)
class RulePlace:
    """Where a rule is written, and whether it surely holds."""

    object: ManifestObject
    path: str
    certain: bool


_SELECTORS = "aggregationRule.clusterRoleSelectors"
