"""Ports that a tenant declares to take plain text until a day, and the objects that do that and nothing more."""

import datetime
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from tenantmesh.checks.declarations.grants import Word
from tenantmesh.checks.declarations.statements import PermissiveSaid, permissive
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.parts import Part, labels, part, parts, spec, text, texts
from tenantmesh.checks.rules.isolation import PERMISSIVE_MTLS
from tenantmesh.errors import IntentError
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Effect, Layer
from tenantmesh.manifest import ManifestObject, ObjectKey

PERMISSIVE = "tenantmesh.dev/permissive"
_SECURITY = "security.istio.io"
_STRICT = (None, "", "STRICT", "UNSET")
_ANYBODY = "*"


class Permitted(Struct, frozen=True, kw_only=True):
    """One declaration of a tenant: an exemption of the objects that take plain text as it says, and no wider."""

    tenant: str
    namespace: str
    said: PermissiveSaid
    objects: frozenset[ObjectKey]

    @property
    def rule(self) -> str:
        """The rule that it is an exemption from."""
        return PERMISSIVE_MTLS.id

    @property
    def tenants(self) -> tuple[str, ...]:
        """Whose it is."""
        return (self.tenant,)

    @property
    def expires(self) -> datetime.date:
        """Its last day."""
        return self.said.until

    @property
    def why(self) -> str:
        """What to tell of the edge that it makes."""
        return f"plain text until {self.expires.isoformat()}: {self.said.reason}"

    def __str__(self) -> str:
        return f"exemption from {self.rule} ({self.said.reason})"

    def exempts(self, one: Finding) -> bool:
        """Whether the finding is of what was declared alone."""
        keys = {item.key for item in one.objects}
        return one.rule.id == self.rule and one.tenants == self.tenants and bool(keys) and keys <= self.objects

    def opens(self, opening: Opening) -> bool:
        """Whether the opening is for those without an identity, at what was declared alone."""
        if opening.layer is not Layer.IDENTITY or opening.direction is not Direction.INGRESS:
            return False
        by = {one.object.key for one in opening.evidence if one.effect is Effect.ALLOWS and one.object}
        return bool(by) and by <= self.objects


def permitted(cluster: Cluster, owners: Mapping[str, str], words: Iterable[Word]) -> tuple[Permitted, ...]:
    """All that namespaces declare. Raises IntentError with every declaration that can't be read."""
    narrow = [word for word in words if word.exports and (word.methods or word.paths or word.service_accounts)]
    found: list[Permitted] = []
    problems: list[str] = []
    for name, namespace in cluster.namespaces.items():
        annotations = part(namespace.object.body, "metadata", "annotations") if namespace.object else {}
        if name in owners and PERMISSIVE in annotations:
            try:
                said = permissive(annotations[PERMISSIVE], f"namespace {name}: {PERMISSIVE}")
            except IntentError as error:
                problems += error.problems
                continue
            granted = [word for word in narrow if word.owner == name]
            for one in said:
                keys = frozenset() if _undoes(one, granted) else frozenset(_fitting(cluster, name, one))
                found.append(Permitted(tenant=owners[name], namespace=name, said=one, objects=keys))
    if problems:
        raise IntentError(problems)
    return tuple(found)


def _undoes(said: PermissiveSaid, granted: Iterable[Word]) -> bool:
    """Whether a grant goes by what nobody in plain text is held to: the caller's account, the method, the path."""
    return any(
        (not word.ports or not set(word.ports).isdisjoint(said.ports))
        and all(said.selector[key] == word.selector[key] for key in said.selector.keys() & word.selector.keys())
        for word in granted
    )


def _fitting(cluster: Cluster, namespace: str, said: PermissiveSaid) -> Iterator[ObjectKey]:
    for kind, fits in (("PeerAuthentication", _takes_no_more), ("AuthorizationPolicy", _lets_in_no_more)):
        for one in cluster.objects(_SECURITY, kind).get(namespace, ()):
            if _selects_no_more(one, said) and fits(spec(one), said):
                yield one.key


def _selects_no_more(one: ManifestObject, said: PermissiveSaid) -> bool:
    return said.selector.items() <= labels(part(spec(one), "selector", "matchLabels")).items()


def _takes_no_more(body: Part, said: PermissiveSaid) -> bool:
    plain = {port: part(mode) for port, mode in part(body.get("portLevelMtls")).items()}
    weaker = {port: mode.get("mode") for port, mode in plain.items() if mode.get("mode") not in _STRICT}
    return (
        part(body.get("mtls")).get("mode") in _STRICT
        and set(weaker.values()) <= {"PERMISSIVE"}
        and {str(port) for port in weaker} <= {str(port) for port in said.ports}
    )


def _lets_in_no_more(body: Part, said: PermissiveSaid) -> bool:
    """Whom an identity tells apart is not let in: that is for other policies to say."""
    if text(body.get("action")) not in ("", "ALLOW") or "targetRef" in body or "targetRefs" in body:
        return False
    rules = parts(body.get("rules"))
    return bool(rules) and all(
        _is_for_plain(rule) and _ports(rule) <= {str(port) for port in said.ports} for rule in rules
    )


def _is_for_plain(rule: Part) -> bool:
    sources = parts(rule.get("from"))
    return bool(sources) and all(_ANYBODY in texts(part(one, "source").get("notPrincipals")) for one in sources)


def _ports(rule: Part) -> set[str]:
    """The ports that a rule is for; `*` where it is for all."""
    operations = [texts(part(one, "operation").get("ports")) or [_ANYBODY] for one in parts(rule.get("to"))]
    return {port for some in operations or [[_ANYBODY]] for port in some}
