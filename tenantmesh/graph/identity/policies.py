"""AuthorizationPolicies, compiled: whom they select and what their rules match.

Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from msgspec import Struct

from tenantmesh.graph.fits import Fit, every, some
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.identity.circumstances import Circumstances
from tenantmesh.graph.identity.conditions import Condition, condition, known_in_when
from tenantmesh.graph.identity.domains import expanded, in_all_trust_domains
from tenantmesh.graph.identity.members import MANY, near_to
from tenantmesh.graph.labels import EVERYTHING, Selector, selector
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.nearby import Nearby, together
from tenantmesh.graph.network.shape import Unreadable, fields, items, text
from tenantmesh.manifest import ManifestObject


class Action(StrEnum):
    """What a policy does with a request that it matches."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    AUDIT = "AUDIT"
    CUSTOM = "CUSTOM"


class Target(NamedTuple):
    """An object that a policy is attached to; `namespace` is "" for the policy's own."""

    group: str
    kind: str
    name: str
    namespace: str = ""


GATEWAY_NAME: Final = "gateway.networking.k8s.io/gateway-name"
"""The label of the pods that a controller makes for a Gateway of Gateway API."""


def is_gateway(target: Target, namespace: str, workload: Workload) -> bool:
    """Whether the pods are those of the Gateway that a policy of `namespace` is attached to; it has to be there too."""
    return (
        (target.group, target.kind) == ("gateway.networking.k8s.io", "Gateway")
        and target.name == workload.labels.get(GATEWAY_NAME)
        and namespace == workload.namespace
        and target.namespace in ("", namespace)
    )


class Rule(NamedTuple):
    """One rule: one of `sources` and one of `operations` have to match, each a list of conditions that all have to.

    `is_http` says that some condition needs a request.
    """

    sources: tuple[tuple[Condition, ...], ...]
    operations: tuple[tuple[Condition, ...], ...]
    path: str
    is_http: bool = False

    @property
    def spaces(self) -> frozenset[str] | None:
        """The namespaces of all members that it may match; None where it may match others."""
        return together(next(filter(None, (one.spaces for one in group)), None) for group in self.sources)

    @property
    def doubt(self) -> tuple[str, str]:
        """The path and the reason when it is not known whether the rule matches."""
        for group in (*self.sources, *self.operations):
            for one in group:
                if one.unknown:
                    return one.path, one.unknown
        return self.path, "it asks for addresses that are not known"

    def fit(self, circumstances: Circumstances, action: Action) -> Fit:
        """Whether it matches."""
        if circumstances.is_http or not self.is_http:
            found = _some(self.sources, circumstances)
            return found if found is Fit.NO else every((found, _some(self.operations, circumstances)))
        # On a connection that is not HTTP an ALLOW rule with an HTTP condition is left out whole, and any other rule
        # goes on without that condition.
        if action is Action.ALLOW:
            return Fit.NO
        return every(
            _some([[one for one in group if not one.is_http] for group in groups], circumstances)
            for groups in (self.sources, self.operations)
        )


def _some(groups: Iterable[Iterable[Condition]], circumstances: Circumstances) -> Fit:
    return some(every(one.fit(circumstances) for one in group) for group in groups)


class Matched(Struct, frozen=True):
    """Whether a policy matches; `path` is the part of it that does or may, `doubt` why that is not known."""

    fit: Fit
    path: str = ""
    doubt: str = ""


class Policy(NamedTuple):
    """One policy. `targets` are the objects that it is attached to instead of pods; `unknown` is path and reason.

    `provider` is who decides for the action CUSTOM. `dotted` is the path of a service account with a dot in its name,
    which fits any character in versions of Istio with CVE-2026-39350. `near` are the `rules` where there are many.
    """

    object: ManifestObject
    action: Action
    pods: Selector
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    unknown: tuple[str, str] | None = None
    provider: str = ""
    dotted: str = ""
    near: Nearby[Rule] | None = None

    @property
    def spaces(self) -> frozenset[str] | None:
        """The namespaces of all members that a rule may match; None where one may match others."""
        return None if self.unknown else together(one.spaces for one in self.rules)

    def fit(self, circumstances: Circumstances) -> Matched:
        """Whether some rule matches, and which does or may."""
        if self.unknown:
            return Matched(Fit.UNSURE, *self.unknown)
        unsure: Rule | None = None
        for rule in self.rules if self.near is None else near_to(self.near, circumstances.principal):
            found = rule.fit(circumstances, self.action)
            if found is Fit.YES:
                return Matched(found, rule.path)
            if found is Fit.UNSURE:
                unsure = unsure or rule
        return Matched(Fit.UNSURE, *unsure.doubt) if unsure else Matched(Fit.NO)


def read(one: ManifestObject, mesh: MeshSettings) -> Policy | None:
    """The policy that an object is; None when it is only tried out (`istio.io/dry-run`)."""
    spec = one.body.get("spec")
    if ((one.body.get("metadata") or {}).get("annotations") or {}).get("istio.io/dry-run") in _TRUE:
        return None
    try:
        found = fields(spec, "spec", _FIELDS)
        action = _ACTIONS.get(found.get("action") or "ALLOW")
        if action is None:
            raise Unreadable("spec.action", f"the action {found['action']!r} is not known")
        pods, targets = selected(found)
        provider = str(fields(found.get("provider"), "spec.provider", {"name"}).get("name") or "")
        rules = tuple(
            _read_rule(rule, f"spec.rules[{index}]", one.key.namespace, mesh)
            for index, rule in enumerate(items(found.get("rules"), "spec.rules"))
        )
    except Unreadable as error:
        written = spec.get("action") if isinstance(spec, Mapping) else None
        action = _ACTIONS.get(written or "ALLOW", Action.CUSTOM) if isinstance(written, str | None) else Action.CUSTOM
        return Policy(one, action, EVERYTHING, unknown=(error.path, error.reason))
    told = Nearby((rule, rule.spaces) for rule in rules) if len(rules) >= MANY else None
    return Policy(one, action, pods, targets, rules, provider=provider, dotted=_dotted(rules), near=told)


def _dotted(rules: Iterable[Rule]) -> str:
    conditions = (one for rule in rules for group in rule.sources for one in group)
    accounts = (one for one in conditions if one.attribute == "source.serviceAccount")
    return next((one.path for one in accounts if any("." in value for value in one.values)), "")


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


def _both_ways(fields: Mapping[str, str]) -> Mapping[str, tuple[str, bool]]:
    """Each field and its negation (`notX`), with the attribute that it is about."""
    plain = {name: (attribute, False) for name, attribute in fields.items()}
    return plain | {f"not{name[0].upper()}{name[1:]}": (attribute, True) for name, attribute in fields.items()}


_IN_SOURCE: Final = _both_ways(_SOURCES)
_IN_OPERATION: Final = _both_ways(_OPERATIONS)
_OF_CONNECTION: Final = ("destination.ip", "destination.port", "connection.sni")
"""Keys of `when` that istiod puts with the operation; the others go with the source."""


def selected(spec: Mapping[str, Any]) -> tuple[Selector, tuple[Target, ...]]:
    """The pods that a policy selects, and the objects that it is attached to instead."""
    wanted = fields(spec.get("selector"), "spec.selector", {"matchLabels"})
    refs = list(items(spec.get("targetRefs"), "spec.targetRefs"))
    if spec.get("targetRef"):
        refs.append(spec["targetRef"])
    read_refs = [fields(ref, f"spec.targetRefs[{index}]", _TARGET) for index, ref in enumerate(refs)]
    return selector(wanted), tuple(_target(ref) for ref in read_refs)


def _target(ref: Mapping[str, Any]) -> Target:
    group = str(ref.get("group") or "")
    return Target(
        "" if group == "core" else group, *(str(ref.get(name) or "") for name in ("kind", "name", "namespace"))
    )


def _read_rule(body: Any, path: str, namespace: str, mesh: MeshSettings) -> Rule:
    """The rule; one that is not understood may match anything."""
    try:
        return _rule(body, path, namespace, mesh)
    except Unreadable as error:
        return Rule(((Condition("", (), (), error.path, unknown=error.reason),),), ((),), path)


def _rule(body: Any, path: str, namespace: str, mesh: MeshSettings) -> Rule:
    found = fields(body, path, {"from", "to", "when"})
    whens = list(_whens(items(found.get("when"), f"{path}.when"), f"{path}.when", namespace, mesh))
    of_source = tuple(one for one in whens if one.attribute not in _OF_CONNECTION)
    of_operation = tuple(one for one in whens if one.attribute in _OF_CONNECTION)
    sources = list(_groups(found.get("from"), f"{path}.from", "source", _IN_SOURCE, namespace, mesh)) or [()]
    operations = list(_groups(found.get("to"), f"{path}.to", "operation", _IN_OPERATION, namespace, mesh)) or [()]
    if whens:
        sources = [(*group, *of_source) for group in sources]
        operations = [(*group, *of_operation) for group in operations]
    is_http = any(one.is_http for groups in (sources, operations) for group in groups for one in group)
    return Rule(tuple(sources), tuple(operations), path, is_http)


def _groups(
    body: Any, path: str, inner: str, known: Mapping[str, tuple[str, bool]], namespace: str, mesh: MeshSettings
) -> Iterator[tuple[Condition, ...]]:
    for index, entry in enumerate(items(body, path)):
        here = f"{path}[{index}].{inner}"
        found = fields(fields(entry, f"{path}[{index}]", {inner}).get(inner), here, known.keys())
        said: dict[str, list[tuple[str, ...]]] = {}
        for name, value in found.items():
            attribute, negated = known[name]
            texts = _texts(value, f"{here}.{name}")
            if texts:
                said.setdefault(attribute, [(), ()])[negated] = texts
        yield tuple([_made(name, values[0], values[1], here, namespace, mesh) for name, values in said.items()])


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
        values = tuple(each for one in values for each in in_all_trust_domains(one, mesh))
        not_values = tuple(each for one in not_values for each in in_all_trust_domains(one, mesh))
    elif attribute == "source.serviceAccount":
        values, not_values = (_with_namespace(one, namespace) for one in (values, not_values))
    elif attribute == "source.trustDomain" and mesh.trust_domain_aliases:
        values, not_values = (expanded(one, mesh) for one in (values, not_values))
    return condition(attribute, values, not_values, path, namespace)


def _with_namespace(accounts: tuple[str, ...], namespace: str) -> tuple[str, ...]:
    """A service account without a namespace is of the policy's."""
    return tuple(one if "/" in one else f"{namespace}/{one}" for one in accounts)


def _texts(value: Any, path: str) -> tuple[str, ...]:
    return tuple(text(one, path) for one in items(value, path))
