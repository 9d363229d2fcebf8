"""RequestAuthentication: which tokens a workload accepts.

A request without a token passes and has no principal; one with a token that no rule accepts is refused.
Source: https://istio.io/latest/docs/reference/config/security/request_authentication/.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.identity.peer import GROUP
from tenantmesh.graph.identity.policies import Target, is_gateway, selected
from tenantmesh.graph.labels import EVERYTHING, Selector
from tenantmesh.graph.network.shape import Unreadable, fields, items
from tenantmesh.manifest import ManifestObject

_RULE: Final = frozenset(
    {
        "audiences",
        "forwardOriginalToken",
        "fromCookies",
        "fromHeaders",
        "fromParams",
        "issuer",
        "jwks",
        "jwksUri",
        "jwks_uri",
        "outputClaimToHeaders",
        "outputPayloadToHeader",
        "spaceDelimitedClaims",
        "timeout",
    }
)


_ALWAYS: Final = frozenset({"permission", "scope"})
"""Claims that are read as lists of words, whatever a rule says."""
_PLACES: Final = ("fromHeaders", "fromParams", "fromCookies")


class Acceptance(Struct, frozen=True):
    """Whether a request's token is accepted; `UNSURE` when a rule is not understood.

    With `NO` the request is refused if there is an `object` that says so, else the token is not looked at.
    `words` are the claims that are lists of words.
    """

    fit: Fit
    reason: str
    object: ManifestObject | None = None
    path: str = ""
    words: frozenset[str] = _ALWAYS


class _Rule(NamedTuple):
    issuer: str
    audiences: frozenset[str]
    path: str
    usual_place: bool
    words: frozenset[str]


class _Accepted(NamedTuple):
    object: ManifestObject
    pods: Selector
    targets: tuple[Target, ...] = ()
    rules: tuple[_Rule, ...] = ()
    unknown: tuple[str, str] | None = None


class RequestAuthentications:
    """All of them, compiled namespace by namespace."""

    def __init__(self, cluster: Cluster) -> None:
        self._objects = cluster.objects(GROUP, "RequestAuthentication")
        self._root = cluster.mesh.root_namespace
        self._read: dict[str, tuple[_Accepted, ...]] = {}

    def accept(self, workload: Workload, request: Request) -> Acceptance:
        """What becomes of the request's token at `workload`; a request without one is accepted."""
        if not request.request_principal:
            return Acceptance(Fit.YES, "there is no token")
        issuer = request.request_principal.rpartition("/")[0]
        refused = Acceptance(Fit.NO, "no RequestAuthentication reads the token, so the request has no principal")
        for one in self._holding(workload):
            if one.unknown:
                return Acceptance(Fit.UNSURE, one.unknown[1], one.object, one.unknown[0])
            for rule in one.rules:
                if rule.issuer == issuer and (not rule.audiences or rule.audiences & set(request.audiences)):
                    return Acceptance(Fit.YES, f"tokens of {issuer} are accepted", one.object, rule.path, rule.words)
                if rule.issuer == issuer or rule.usual_place:
                    reason = f"it accepts no token of {issuer} for {', '.join(request.audiences) or 'no audience'}"
                    refused = Acceptance(Fit.NO, reason, one.object, rule.path)
        return refused

    def selectors(self, namespace: str) -> tuple[Selector, ...]:
        """What selects the pods whose tokens are read."""
        return tuple(one.pods for one in self._around(namespace) if not one.targets)

    def issuers(self, workload: Workload) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The issuers whose tokens are accepted, each with audiences of which one is needed."""
        for one in self._holding(workload):
            for rule in one.rules:
                yield rule.issuer, tuple(sorted(rule.audiences))

    def _holding(self, workload: Workload) -> Iterator[_Accepted]:
        for one in self._around(workload.namespace):
            namespace = one.object.key.namespace
            attached = any(is_gateway(target, namespace, workload) for target in one.targets)
            if attached or (not one.targets and one.pods.matches(workload.labels, workload.given)):
                yield one

    def _around(self, namespace: str) -> list[_Accepted]:
        return [one for space in dict.fromkeys((namespace, self._root)) for one in self._policies(space)]

    def _policies(self, namespace: str) -> tuple[_Accepted, ...]:
        found = self._read.get(namespace)
        if found is None:
            found = self._read[namespace] = tuple([_compile(one) for one in self._objects.get(namespace, ())])
        return found


def _compile(one: ManifestObject) -> _Accepted:
    try:
        spec = fields(one.body.get("spec"), "spec", {"jwtRules", "selector", "targetRef", "targetRefs"})
        pods, targets = selected(spec)
        rules = items(spec.get("jwtRules"), "spec.jwtRules")
        made = tuple([_rule(entry, f"spec.jwtRules[{index}]") for index, entry in enumerate(rules)])
    except Unreadable as error:
        return _Accepted(one, EVERYTHING, unknown=(error.path, error.reason))
    return _Accepted(one, pods, targets, made)


def _rule(body: object, path: str) -> _Rule:
    rule = fields(body, path, _RULE)
    audiences = frozenset(str(each) for each in items(rule.get("audiences"), f"{path}.audiences"))
    words = items(rule.get("spaceDelimitedClaims"), f"{path}.spaceDelimitedClaims")
    usual = not any(rule.get(place) for place in _PLACES)
    return _Rule(str(rule.get("issuer", "")), audiences, path, usual, _ALWAYS.union(str(each) for each in words))
