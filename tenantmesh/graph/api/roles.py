"""The roles of a cluster with the rules that they end up with."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tenantmesh.graph.api import rules
from tenantmesh.graph.api.aggregation import Aggregation, is_aggregated
from tenantmesh.graph.api.bootstrap import GROUP, defaults, is_default
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import Body, ManifestObject

_FIELDS: Mapping[str, frozenset[str]] = {
    "Role": frozenset({"apiVersion", "kind", "metadata", "rules"}),
    "ClusterRole": frozenset({"apiVersion", "kind", "metadata", "rules", "aggregationRule"}),
}


class RoleRule(NamedTuple):
    """One rule of a role: what it grants, the names that it is limited to, and its place in the list."""

    grants: rules.Grants
    names: tuple[str, ...]
    place: int

    @property
    def path(self) -> str:
        """Where it is written in its object."""
        return f"rules[{self.place}]"


class Source(NamedTuple):
    """An object in which rules of a role are written: itself or, for an aggregated one, another.

    `certain` is False where the aggregation may drop or keep them.
    """

    object: ManifestObject
    rules: tuple[RoleRule, ...]
    certain: bool


class Role(NamedTuple):
    """A Role or ClusterRole, where its rules are written, and what of it is not understood.

    `default` says that it is the server's own, unchanged.
    """

    object: ManifestObject
    sources: tuple[Source, ...]
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
        self._texts = Texts()

    def find(self, kind: str, namespace: str, name: str) -> Role | None:
        """The role that a binding in `namespace` refers to; None when it is not there."""
        asked = kind, namespace if kind == "Role" else "", name
        if asked not in self._read:
            one = self._named(namespace).get(name) if kind == "Role" else self._cluster.get(name)
            self._read[asked] = None if one is None else self._role(one)
        return self._read[asked]

    def _named(self, namespace: str) -> Mapping[str, ManifestObject]:
        if namespace not in self._of:
            self._of[namespace] = {one.body["metadata"]["name"]: one for one in self._namespaced.get(namespace, ())}
        return self._of[namespace]

    def _role(self, one: ManifestObject) -> Role:
        kind = one.body["kind"]
        unknown = one.body.keys() - _FIELDS[kind]
        doubts = [Evidence(Effect.UNKNOWN, f"the field {field} is not known", one, field) for field in unknown]
        sources: list[Source] = []
        for source, certain in self._written_in(one, doubts):
            text = self._texts.read(source.body)
            doubts += (Evidence(Effect.UNKNOWN, reason, source, path) for path, reason in text.problems)
            sources.append(Source(source, text.rules, certain))
        return Role(one, tuple(sources), tuple(doubts), kind == "ClusterRole" and is_default(one))

    def _written_in(self, one: ManifestObject, doubts: list[Evidence]) -> tuple[tuple[ManifestObject, bool], ...]:
        if one.body["kind"] == "Role" or not is_aggregated(one):
            return ((one, True),)
        try:
            return self._aggregation.sources(one.body["metadata"]["name"])
        except (AttributeError, KeyError, TypeError) as problem:
            doubts.append(Evidence(Effect.UNKNOWN, f"its selectors are not understood: {problem}", one, _SELECTORS))
            return ()


class Text(NamedTuple):
    """A list of rules as it was written and as it was read; `problems` are paths and what is not understood there."""

    written: Any
    rules: tuple[RoleRule, ...]
    problems: tuple[tuple[str, str], ...]


class Texts:
    """Reads lists of rules. Tenants' roles of one name are mostly equal, so equal neighbours are read once."""

    def __init__(self) -> None:
        self._last: dict[str, Text] = {}
        self._granted: dict[rules.Key, rules.Grants] = {}

    def read(self, body: Body) -> Text:
        """The rules of a role."""
        name, written = body["metadata"]["name"], body.get("rules") or ()
        last = self._last.get(name)
        if last is None or last.written != written:
            last = self._last[name] = self._read(written)
        return last

    def _read(self, written: Any) -> Text:
        if not isinstance(written, list | tuple):
            return Text(written, (), (("rules", "its rules are known only after a deployment"),))
        found: list[RoleRule] = []
        problems: list[tuple[str, str]] = []
        for index, rule in enumerate(written):
            try:
                found.append(RoleRule(self._grants(rule), rules.names(rule), index))
                if not rule.keys() <= rules.FIELDS:
                    field = min(rule.keys() - rules.FIELDS)
                    problems.append((f"rules[{index}].{field}", f"the field {field} is not known"))
            except (AttributeError, TypeError):
                problems.append((f"rules[{index}]", "this rule is known only in part"))
        return Text(written, tuple(found), tuple(problems))

    def _grants(self, rule: Mapping[str, Any]) -> rules.Grants:
        key = rules.key(rule)
        granted = self._granted.get(key)
        if granted is None:
            granted = self._granted[key] = rules.grants(key)
        return granted


_SELECTORS = "aggregationRule.clusterRoleSelectors"
