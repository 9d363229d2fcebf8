"""Labels that the network's policies trust and that somebody could set."""

from collections.abc import Iterator
from typing import Any

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, part, parts, spec, text, texts
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.graph.cluster import NAMESPACE_NAME
from tenantmesh.manifest import ManifestObject

_WAYS = (("ingress", "from"), ("egress", "to"))


def check(context: Context, outcome: Outcome) -> None:
    """Add the selectors of a tenant's policies that trust a label."""
    for one in context.objects(outcome.tenant, "networking.k8s.io", "NetworkPolicy"):
        for path, peer in _peers(one):
            outcome.findings += _trusted(context, outcome.tenant, one, path, peer)


def _peers(one: ManifestObject) -> Iterator[tuple[str, Part]]:
    for way, field in _WAYS:
        for rule_at, rule in enumerate(parts(spec(one).get(way))):
            for peer_at, peer in enumerate(parts(rule.get(field))):
                yield f"spec.{way}[{rule_at}].{field}[{peer_at}]", peer


def _trusted(context: Context, tenant: str, one: ManifestObject, path: str, peer: Part) -> Iterator[Finding]:
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
    found = part(selector)
    return {*part(found, "matchLabels"), *(text(one.get("key")) for one in parts(found.get("matchExpressions")))}


def _named(peer: Part) -> set[str]:
    """The namespaces that a peer names one by one."""
    selector = part(peer, "namespaceSelector")
    equal = text(part(selector, "matchLabels").get(NAMESPACE_NAME))
    expressions = [one for one in parts(selector.get("matchExpressions")) if one.get("key") == NAMESPACE_NAME]
    listed = {value for one in expressions if one.get("operator") == "In" for value in texts(one.get("values"))}
    return listed | ({equal} if equal else set())
