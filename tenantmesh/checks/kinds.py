"""Kinds of objects: those that the graph reads, those that open nothing, and all others, which may open anything."""

from collections.abc import Iterator, Mapping

from tenantmesh.checks.context import Context
from tenantmesh.checks.proof import EVERY_TENANT, Unproven

_ALL = frozenset({"*"})
# By API group: what a layer of the graph reads, or what neither routes, nor selects pods, nor grants.
_KNOWN: Mapping[str, frozenset[str]] = {
    "": _ALL,
    "admissionregistration.k8s.io": _ALL,
    "apiextensions.k8s.io": _ALL,
    "apps": _ALL,
    "autoscaling": _ALL,
    "batch": _ALL,
    "cert-manager.io": _ALL,
    "certificates.k8s.io": _ALL,
    "cilium.io": frozenset({"CiliumClusterwideNetworkPolicy", "CiliumNetworkPolicy"}),
    "coordination.k8s.io": _ALL,
    "discovery.k8s.io": _ALL,
    "events.k8s.io": _ALL,
    "externaldns.k8s.io": _ALL,
    "extensions.istio.io": _ALL,
    "flowcontrol.apiserver.k8s.io": _ALL,
    "gateway.networking.k8s.io": frozenset(
        {
            "GRPCRoute",
            "Gateway",
            "GatewayClass",
            "HTTPRoute",
            "ListenerSet",
            "ReferenceGrant",
            "TCPRoute",
            "TLSRoute",
        }
    ),
    "monitoring.coreos.com": _ALL,
    "networking.istio.io": _ALL,
    "networking.k8s.io": frozenset({"IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"}),
    "node.k8s.io": _ALL,
    "policy": _ALL,
    "policy.networking.k8s.io": _ALL,
    "rbac.authorization.k8s.io": _ALL,
    "resource.k8s.io": _ALL,
    "scheduling.k8s.io": _ALL,
    "security.istio.io": _ALL,
    "storage.k8s.io": _ALL,
    "telemetry.istio.io": _ALL,
}


def unknown_kinds(context: Context) -> Iterator[Unproven]:
    """One doubt for each kind that is not known and that the intent does not call harmless."""
    harmless = context.intent.harmless_kinds
    for group, kind in context.cluster.kinds:
        known = _KNOWN.get(group, frozenset())
        if known is _ALL or kind in known or kind in harmless or f"{group}/{kind}" in harmless:
            continue
        by_namespace = context.cluster.objects(group, kind)
        first = next(one for objects in by_namespace.values() for one in objects)
        owners = {context.intent.owners.get(namespace, EVERY_TENANT) for namespace in by_namespace}
        tenants = (EVERY_TENANT,) if EVERY_TENANT in owners else tuple(sorted(owners))
        name = f"{group}/{kind}" if group else kind
        reason = f"objects of the kind {name} are there, and what they route, select or grant is not known"
        yield Unproven(tenants=tenants, reason=reason, object=first)
