"""Whether one rule of a role fits one request: the matching of Kubernetes' RBAC authorizer.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ and the package `pkg/apis/rbac/v1` of Kubernetes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from tenantmesh.graph.api.subject import Resource

ALL = "*"
FIELDS = frozenset({"apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"})
"""The fields of a rule that this knows."""

Key = tuple[tuple[str, ...], ...]


class Grants(Struct, frozen=True):
    """What a rule grants, but for the names that it is limited to."""

    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    urls: tuple[str, ...]

    def verb(self, verb: str) -> bool:
        """Whether `verb` is among them."""
        return ALL in self.verbs or verb in self.verbs

    def resource(self, group: str, resource: str) -> bool:
        """Whether `resource`, with its subresource, of `group` is among them."""
        if group not in self.groups and ALL not in self.groups:
            return False
        if ALL in self.resources or resource in self.resources:
            return True
        _, slash, subresource = resource.partition("/")
        return bool(slash) and f"*/{subresource}" in self.resources

    def url(self, path: str) -> bool:
        """Whether the non-resource `path` is among them; a `*` at the end of a rule's stands for any rest."""
        return any(one in (ALL, path) or (one.endswith(ALL) and path.startswith(one.rstrip(ALL))) for one in self.urls)


def key(rule: Mapping[str, Any]) -> Key:
    """The strings of `rule`, but for its names; TypeError where a list is something else."""
    return (
        tuple(rule.get("verbs") or ()),
        tuple(rule.get("apiGroups") or ()),
        tuple(rule.get("resources") or ()),
        tuple(rule.get("nonResourceURLs") or ()),
    )


def grants(of: Key) -> Grants:
    """What the rule with this key grants; TypeError where a part of it is no string."""
    _strings(one for part in of for one in part)
    verbs, groups, resources, urls = of
    return Grants(frozenset(verbs), frozenset(groups), frozenset(resources), urls)


def names(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that `rule` is limited to, none for no limit; TypeError where one is no string."""
    written = rule.get("resourceNames")
    if not written:
        return ()
    found = tuple(written)
    _strings(found)
    return found


def allows(granted: Grants, limited: tuple[str, ...], verb: str, target: Resource | str) -> bool:
    """Whether a rule that grants this, limited to these names, lets `verb` through on `target`."""
    if not granted.verb(verb):
        return False
    if isinstance(target, str):
        return granted.url(target)
    return granted.resource(target.group, target.resource) and (not limited or target.name in limited)


def _strings(values: Iterable[Any]) -> None:
    if not all(isinstance(one, str) for one in values):
        raise TypeError("a value that is known only after a deployment")
