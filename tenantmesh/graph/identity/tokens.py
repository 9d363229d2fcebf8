"""RequestAuthentication: which tokens a workload accepts.

A request without a token passes and has no principal; one with a token that no rule accepts is refused.
Source: https://istio.io/latest/docs/reference/config/security/request_authentication/.
"""

from typing import Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.identity.peer import GROUP
from tenantmesh.graph.labels import EVERYTHING, Selector, selector
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


class Acceptance(NamedTuple):
    """Whether a request's token is accepted (`UNSURE` when a rule is not understood), and what decides."""

    fit: Fit
    reason: str
    object: ManifestObject | None = None
    path: str = ""


class _Accepted(NamedTuple):
    object: ManifestObject
    pods: Selector
    issuers: tuple[tuple[str, frozenset[str], str], ...]
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
        rules = [one for one in self._of(workload) if one.pods.matches(workload.labels, workload.given)]
        if not rules:
            return Acceptance(Fit.NO, "no RequestAuthentication reads tokens, so the request has no principal")
        issuer = request.request_principal.rpartition("/")[0]
        for one in rules:
            if one.unknown:
                return Acceptance(Fit.UNSURE, one.unknown[1], one.object, one.unknown[0])
            for known, audiences, path in one.issuers:
                if known == issuer and (not audiences or audiences & set(request.audiences)):
                    return Acceptance(Fit.YES, f"tokens of {issuer} are accepted", one.object, path)
        return Acceptance(Fit.NO, f"no rule accepts a token of {issuer} for these audiences", rules[0].object, "spec")

    def _of(self, workload: Workload) -> list[_Accepted]:
        spaces = dict.fromkeys((workload.namespace, self._root))
        return [one for space in spaces for one in self._policies(space)]

    def _policies(self, namespace: str) -> tuple[_Accepted, ...]:
        found = self._read.get(namespace)
        if found is None:
            found = self._read[namespace] = tuple(_compile(one) for one in self._objects.get(namespace, ()))
        return found


def _compile(one: ManifestObject) -> _Accepted:
    try:
        spec = fields(one.body.get("spec"), "spec", {"jwtRules", "selector", "targetRef", "targetRefs"})
        pods = selector(fields(spec.get("selector"), "spec.selector", {"matchLabels"}))
        issuers: list[tuple[str, frozenset[str], str]] = []
        for index, entry in enumerate(items(spec.get("jwtRules"), "spec.jwtRules")):
            path = f"spec.jwtRules[{index}]"
            rule = fields(entry, path, _RULE)
            audiences = frozenset(str(each) for each in items(rule.get("audiences"), f"{path}.audiences"))
            issuers.append((str(rule.get("issuer", "")), audiences, path))
    except Unreadable as error:
        return _Accepted(one, EVERYTHING, (), (error.path, error.reason))
    return _Accepted(one, pods, tuple(issuers))
