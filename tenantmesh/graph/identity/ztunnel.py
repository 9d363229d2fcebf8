"""AuthorizationPolicies as ztunnel takes them: only what a connection shows, for it reads no requests.

Istio's control plane tells ztunnel the rest of each rule. An ALLOW rule with anything of HTTP never matches; in a DENY
rule what is of HTTP is left out, and an entry with nothing left matches nothing.
Source: https://istio.io/latest/docs/ambient/usage/l4-policy/.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tenantmesh.graph.fits import Fit, every, some
from tenantmesh.graph.identity.circumstances import Circumstances
from tenantmesh.graph.identity.conditions import Condition, condition
from tenantmesh.graph.identity.policies import Action, Matched, Policy
from tenantmesh.manifest import ObjectKey

Match = tuple[Condition, ...]
Clause = tuple[Match, ...]
Group = tuple[Clause, ...]

_SOURCES: Final = {
    "ipBlocks": "source.ip",
    "namespaces": "ztunnel.namespace",
    "serviceAccounts": "source.serviceAccount",
    "principals": "source.principal",
}
_OPERATIONS: Final = {"ports": "destination.port"}
_WHEN: Final = {
    "source.ip": "source.ip",
    "source.namespace": "ztunnel.namespace",
    "source.principal": "source.principal",
    "destination.ip": "destination.ip",
    "destination.port": "destination.port",
}
# What is neither read nor known to be of HTTP: it is left out without a word.
_SILENT: Final = frozenset({"trustDomains", "notTrustDomains"})


class Reading:
    """Reads policies as ztunnel does, each once."""

    def __init__(self) -> None:
        self._read: dict[ObjectKey, tuple[Group | None, ...]] = {}

    def fit(self, policy: Policy, seen: Circumstances) -> Matched:
        """Whether some rule of a policy matches."""
        if policy.unknown:
            return Matched(Fit.UNSURE, *policy.unknown)
        unsure: Matched | None = None
        for rule, group in zip(policy.rules, self._groups(policy), strict=True):
            unreadable = any(one.attribute == "" for group in rule.sources for one in group)
            found = Fit.NO if group is None else every(_clause(clause, seen) for clause in group)
            if unreadable or found is Fit.UNSURE:
                unsure = unsure or Matched(Fit.UNSURE, *rule.doubt)
            elif found is Fit.YES:
                return Matched(found, rule.path)
        return unsure or Matched(Fit.NO)

    def _groups(self, policy: Policy) -> tuple[Group | None, ...]:
        key = policy.object.key
        found = self._read.get(key)
        if found is None:
            bodies = policy.object.body["spec"].get("rules") or ()
            found = self._read[key] = tuple(_group(body, policy.action, key.namespace) for body in bodies)
        return found


def _group(body: Any, action: Action, namespace: str) -> Group | None:
    """What has to hold for a rule to match; None when it never does."""
    try:
        if action is Action.ALLOW and any(_of_http(body)):
            return None
        return tuple(_clauses(body, namespace))
    except (AttributeError, TypeError):
        # What can't be read was found by whoever read the rule first, and makes it unsure.
        return None


def _clause(clause: Clause, seen: Circumstances) -> Fit:
    return some(every(one.fit(seen) for one in match) for match in clause if match)


def _clauses(body: Mapping[str, Any], namespace: str) -> Iterator[Clause]:
    to, source = body.get("to") or (), body.get("from") or ()
    if to:
        yield tuple(_match(one.get("operation") or {}, _OPERATIONS, namespace) for one in to)
    if source:
        yield tuple(_match(one.get("source") or {}, _SOURCES, namespace) for one in source)
    for one in body.get("when") or ():
        yield (_when(one, namespace),)


def _match(fields: Mapping[str, Any], known: Mapping[str, str], namespace: str) -> Match:
    found: list[Condition] = []
    for name, attribute in known.items():
        values, not_values = fields.get(name) or (), fields.get(_negated(name)) or ()
        if values or not_values:
            found.append(_condition(attribute, values, not_values, namespace))
    return tuple(found)


def _when(one: Mapping[str, Any], namespace: str) -> Match:
    attribute = _WHEN.get(str(one.get("key")))
    if attribute is None:
        return ()
    return (_condition(attribute, one.get("values") or (), one.get("notValues") or (), namespace),)


def _condition(attribute: str, values: Iterable[str], not_values: Iterable[str], namespace: str) -> Condition:
    if attribute == "source.serviceAccount":
        values, not_values = (
            [one if "/" in one else f"{namespace}/{one}" for one in some] for some in (values, not_values)
        )
    return condition(attribute, tuple(values), tuple(not_values), "", namespace)


def _of_http(body: Mapping[str, Any]) -> Iterator[str]:
    for outer, inner, known in (("from", "source", _SOURCES), ("to", "operation", _OPERATIONS)):
        for one in body.get(outer) or ():
            said = {name for name, value in (one.get(inner) or {}).items() if value}
            yield from said - known.keys() - {_negated(name) for name in known} - _SILENT
    for one in body.get("when") or ():
        if one.get("key") not in _WHEN:
            yield str(one.get("key"))


def _negated(name: str) -> str:
    return f"not{name[0].upper()}{name[1:]}"
