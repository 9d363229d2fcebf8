"""Labels that the network's policies trust and that somebody could set."""

from collections.abc import Iterator, Mapping
from typing import Any

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.graph.cluster import NAMESPACE_NAME
from tenantmesh.manifest import ManifestObject

_WAYS = (("ingress", "from"), ("egress", "to"))


def check(context: Context, outcome: Outcome) -> None:
    """Add the selectors of a tenant's policies that trust a label."""
    for one in context.objects(outcome.tenant, "networking.k8s.io", "NetworkPolicy"):
        for path, peer in _peers(one):
            outcome.findings += _trusted(context, outcome.tenant, one, path, peer)


def _peers(one: ManifestObject) -> Iterator[tuple[str, Mapping[str, Any]]]:
    spec = one.body.get("spec") or {}
    for way, field in _WAYS:
        for rule_at, rule in enumerate(spec.get(way) or ()):
            for peer_at, peer in enumerate((rule or {}).get(field) or ()):
                yield f"spec.{way}[{rule_at}].{field}[{peer_at}]", peer or {}


def _trusted(
    context: Context, tenant: str, one: ManifestObject, path: str, peer: Mapping[str, Any]
) -> Iterator[Finding]:
    keys = _keys(peer.get("namespaceSelector"))
    if keys and NAMESPACE_NAME not in keys:
        label = min(keys)
        yield finding(
            rules.UNPROTECTED_LABEL,
            (tenant,),
            (one,),
            witness=f"somebody labels a namespace of his own with {label}",
            message=f"{one.key} trusts the namespace label {label} at {path}.namespaceSelector",
        )
    pods = _keys(peer.get("podSelector"))
    others = sorted(_named(peer) - set(context.intent.tenants[tenant]))
    tenants = [owner for name in others if (owner := context.intent.owners.get(name))]
    if pods and tenants and path.startswith("spec.ingress"):
        yield finding(
            rules.UNPROTECTED_LABEL,
            (tenant, *tenants),
            (one,),
            witness=f"a pod in namespace {others[0]} is made with the label {min(pods)}",
            message=f"{one.key} trusts the label {min(pods)} of other tenants' pods at {path}.podSelector",
            fix="let the whole namespace in, and tell its callers apart by identity in an AuthorizationPolicy",
        )


def _keys(selector: Any) -> set[str]:
    if not isinstance(selector, Mapping):
        return set()
    expressions = selector.get("matchExpressions") or ()
    return {*(selector.get("matchLabels") or ()), *(one.get("key", "") for one in expressions)}


def _named(peer: Mapping[str, Any]) -> set[str]:
    """The namespaces that a peer names one by one."""
    selector = peer.get("namespaceSelector")
    if not isinstance(selector, Mapping):
        return set()
    equal = (selector.get("matchLabels") or {}).get(NAMESPACE_NAME)
    expressions = [one for one in selector.get("matchExpressions") or () if one.get("key") == NAMESPACE_NAME]
    listed = {value for one in expressions if one.get("operator") == "In" for value in one.get("values") or ()}
    return listed | ({equal} if equal else set())
