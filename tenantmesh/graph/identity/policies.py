"""AuthorizationPolicies, compiled: whom they select and what their rules match.

Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from tenantmesh.graph.fits import Fit, every, some
from tenantmesh.graph.identity.circumstances import Circumstances
from tenantmesh.graph.identity.conditions import Condition, condition, known_in_when
from tenantmesh.graph.labels import EVERYTHING, Selector, selector
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.network.shape import Unreadable, fields, items, text
from tenantmesh.manifest import ManifestObject


class Action(StrEnum):
    """What a policy does with a request that it matches."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    AUDIT = "AUDIT"
    CUSTOM = "CUSTOM"


class Rule(NamedTuple):
    """One rule: one of `sources` and one of `operations` have to match, each a list of conditions that all have to."""

    sources: tuple[tuple[Condition, ...], ...]
    operations: tuple[tuple[Condition, ...], ...]
    path: str

    def fit(self, circumstances: Circumstances, action: Action) -> Fit:
        """Whether it matches."""
        if not circumstances.is_http and self.is_http:
            if action is Action.ALLOW:
                return Fit.NO
            return every((self._any(self.sources, circumstances), self._any(self.operations, circumstances)))
        return every(
            (
                some(every(one.fit(circumstances) for one in group) for group in self.sources),
                some(every(one.fit(circumstances) for one in group) for group in self.operations),
            )
        )

    @property
    def is_http(self) -> bool:
        """Whether any condition needs a request."""
        return any(one.is_http for group in (*self.sources, *self.operations) for one in group)

    @staticmethod
    def _any(groups: tuple[tuple[Condition, ...], ...], circumstances: Circumstances) -> Fit:
        return some(every(one.fit(circumstances) for one in group if not one.is_http) for group in groups)


class Policy(NamedTuple):
    """One policy. `targets` are the objects that it is attached to instead of pods; `unknown` is path and reason."""

    object: ManifestObject
    action: Action
    pods: Selector
    targets: tuple[tuple[str, str], ...] = ()
    rules: tuple[Rule, ...] = ()
    unknown: tuple[str, str] | None = None

    def fit(self, circumstances: Circumstances) -> tuple[Fit, str]:
        """Whether some rule matches, and the path of the rule that does or may."""
        if self.unknown:
            return Fit.UNSURE, self.unknown[0]
        unsure = ""
        for rule in self.rules:
            found = rule.fit(circumstances, self.action)
            if found is Fit.YES:
                return found, rule.path
            if found is Fit.UNSURE:
                unsure = unsure or rule.path
        return (Fit.UNSURE, unsure) if unsure else (Fit.NO, "")


def read(one: ManifestObject, mesh: MeshSettings) -> Policy | None:
    """The policy that an object is; None when it is only tried out (`istio.io/dry-run`)."""
    if (one.body.get("metadata") or {}).get("annotations", {}).get("istio.io/dry-run") in _TRUE:
        return None
    spec = one.body.get("spec")
    try:
        found = fields(spec, "spec", _FIELDS)
        action = _ACTIONS.get(found.get("action") or "ALLOW")
        if action is None:
            raise Unreadable("spec.action", f"the action {found['action']!r} is not known")
        pods, targets = _selected(found)
        rules = tuple(
            _rule(rule, f"spec.rules[{index}]", one.key.namespace, mesh)
            for index, rule in enumerate(items(found.get("rules"), "spec.rules"))
        )
    except Unreadable as error:
        written = spec.get("action") if isinstance(spec, Mapping) else None
        action = _ACTIONS.get(written or "ALLOW", Action.CUSTOM) if isinstance(written, str | None) else Action.CUSTOM
        return Policy(one, action, EVERYTHING, unknown=(error.path, error.reason))
    return Policy(one, action, pods, targets, rules)


_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_ACTIONS: Final = {"ALLOW": Action.ALLOW, "DENY": Action.DENY, "AUDIT": Action.AUDIT, "CUSTOM": Action.CUSTOM}
_FIELDS: Final = frozenset({"action", "provider", "rules", "selector", "targetRef", "targetRefs"})
_TARGET: Final = frozenset({"group", "kind", "name", "namespace"})
_SOURCES: Final = {
    "principals": "source.principal",
    "requestPrincipals": "request.auth.principal",
    "namespaces": "source.namespace",
    "serviceAccounts": "source.serviceAccount",
    "trustDomains": "source.trustDomain",
    "ipBlocks": "source.ip",
    "remoteIpBlocks": "remote.ip",
}
_OPERATIONS: Final = {
    "hosts": "request.host",
    "ports": "destination.port",
    "methods": "request.method",
    "paths": "request.path",
}
_OF_CONNECTION: Final = ("destination.ip", "destination.port", "connection.sni")
"""Keys of `when` that istiod puts with the operation; the others go with the source."""


def _selected(spec: Mapping[str, Any]) -> tuple[Selector, tuple[tuple[str, str], ...]]:
    wanted = fields(spec.get("selector"), "spec.selector", {"matchLabels"})
    refs = list(items(spec.get("targetRefs"), "spec.targetRefs"))
    if spec.get("targetRef"):
        refs.append(spec["targetRef"])
    read_refs = [fields(ref, f"spec.targetRefs[{index}]", _TARGET) for index, ref in enumerate(refs)]
    return selector(wanted), tuple((str(ref.get("kind")), str(ref.get("name"))) for ref in read_refs)


def _rule(body: Any, path: str, namespace: str, mesh: MeshSettings) -> Rule:
    found = fields(body, path, {"from", "to", "when"})
    whens = list(_whens(items(found.get("when"), f"{path}.when"), f"{path}.when", namespace, mesh))
    of_source = tuple(one for one in whens if one.attribute not in _OF_CONNECTION)
    of_operation = tuple(one for one in whens if one.attribute in _OF_CONNECTION)
    sources = list(_groups(found.get("from"), f"{path}.from", "source", _SOURCES, namespace, mesh))
    operations = list(_groups(found.get("to"), f"{path}.to", "operation", _OPERATIONS, namespace, mesh))
    return Rule(
        tuple((*group, *of_source) for group in sources or [()]),
        tuple((*group, *of_operation) for group in operations or [()]),
        path,
    )


def _groups(
    body: Any, path: str, inner: str, known: Mapping[str, str], namespace: str, mesh: MeshSettings
) -> Iterator[tuple[Condition, ...]]:
    negated = {f"not{name[0].upper()}{name[1:]}": name for name in known}
    for index, entry in enumerate(items(body, path)):
        here = f"{path}[{index}].{inner}"
        found = fields(fields(entry, f"{path}[{index}]", {inner}).get(inner), here, known.keys() | negated.keys())
        made: list[Condition] = []
        for name, attribute in known.items():
            opposite = f"not{name[0].upper()}{name[1:]}"
            values, not_values = _texts(found.get(name), here), _texts(found.get(opposite), here)
            if values or not_values:
                where = f"{here}.{name if values else opposite}"
                made.append(_made(attribute, values, not_values, where, namespace, mesh))
        yield tuple(made)


def _whens(body: Iterable[Any], path: str, namespace: str, mesh: MeshSettings) -> Iterator[Condition]:
    for index, entry in enumerate(body):
        here = f"{path}[{index}]"
        found = fields(entry, here, {"key", "values", "notValues"})
        key = text(found.get("key"), f"{here}.key")
        if not known_in_when(key):
            raise Unreadable(f"{here}.key", f"the attribute {key} is not known")
        values, not_values = _texts(found.get("values"), here), _texts(found.get("notValues"), here)
        if values or not_values:
            yield _made(key, values, not_values, here, namespace, mesh)


def _made(
    attribute: str,
    values: tuple[str, ...],
    not_values: tuple[str, ...],
    path: str,
    namespace: str,
    mesh: MeshSettings,
) -> Condition:
    if attribute == "source.principal":
        values = tuple(each for one in values for each in _in_all_trust_domains(one, mesh))
        not_values = tuple(each for one in not_values for each in _in_all_trust_domains(one, mesh))
    elif attribute == "source.trustDomain" and mesh.trust_domain_aliases:
        values, not_values = (_expanded(one, mesh) for one in (values, not_values))
    return condition(attribute, values, not_values, path, namespace)


def _in_all_trust_domains(principal: str, mesh: MeshSettings) -> tuple[str, ...]:
    """A principal of the mesh stands for the same one in its aliases too; `cluster.local` stands for the mesh's own."""
    domain, *rest = principal.split("/")
    ours = (mesh.trust_domain, *mesh.trust_domain_aliases)
    if len(rest) != 4 or domain == "*" or (domain not in ours and domain != "cluster.local"):
        return (principal,)
    return tuple(dict.fromkeys("/".join((one, *rest)) for one in ours))


def _expanded(values: tuple[str, ...], mesh: MeshSettings) -> tuple[str, ...]:
    ours = (mesh.trust_domain, *mesh.trust_domain_aliases)
    return tuple(dict.fromkeys(each for one in values for each in (ours if one in ours else (one,))))


def _texts(value: Any, path: str) -> tuple[str, ...]:
    return tuple(text(one, path) for one in items(value, path))
