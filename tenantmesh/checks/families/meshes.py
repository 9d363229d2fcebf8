"""Other meshes: who of them is let in, and whose names their roots could sign."""

from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, allowing, finding
from tenantmesh.checks.rules import trust as rules
from tenantmesh.graph.opening import Opening
from tenantmesh.manifest import ManifestObject


def check(context: Context, outcome: Outcome) -> None:
    """Add what lets identities of another mesh's trust domain in to a tenant."""
    for domain, identities in context.strangers.items() if context.has_mesh else ():
        for namespace in context.intent.tenants[outcome.tenant]:
            for opening in identities.openings(namespace):
                if not opening.peers.outside and not context.doors.through(opening):
                    outcome.findings.append(_let_in(context, outcome.tenant, domain, opening))


def check_cluster(context: Context) -> Iterator[Finding]:
    """The roots of other meshes that could sign for more than these."""
    mesh = context.cluster.mesh
    for bundle in mesh.bundles:
        if not bundle.trust_domains or mesh.trust_domain in bundle.trust_domains:
            continue
        for why in bundle.unlimited:
            domains = ", ".join(bundle.trust_domains)
            yield finding(
                rules.UNLIMITED_ROOT,
                context.intent.tenants,
                _settings(context),
                witness=f"a certificate of that root for spiffe://{mesh.trust_domain}/ns/{_somebody(context)}/sa/any",
                message=f"caCertificates for {domains}: {why}",
            )


def assumptions(context: Context) -> Iterator[str]:
    """What is let in as the mesh's own."""
    mesh = context.cluster.mesh
    own = (mesh.trust_domain,)
    bundled = sorted({name for one in mesh.bundles if not one.signs for name in one.trust_domains or own})
    for domain in bundled:
        if domain in mesh.trust_domain_aliases:
            yield (
                f"identities of the trust domain {domain}, which another mesh's root signs, count as this mesh's own: "
                "the other mesh has the same tenants"
            )
        elif domain == mesh.trust_domain:
            yield f"a root in caCertificates signs for this mesh's own trust domain {domain}, beside its authority"


def _let_in(context: Context, tenant: str, domain: str, opening: Opening) -> Finding:
    objects = allowing(context, opening.evidence, opening.namespace)
    by = " and ".join(str(one.key) for one in objects if one.key.kind != "Namespace") or "no policy, which"
    at = f"{opening.workload}" if opening.workload.object else f"pods like {opening.workload}"
    space = next(iter(sorted(opening.peers.namespaces)), "") if not opening.peers.everywhere else ""
    account = opening.peer.service_account if opening.peer else "any"
    return finding(
        rules.FOREIGN_TRUST_DOMAIN,
        (tenant,),
        objects,
        witness=f"spiffe://{domain}/ns/{space or 'any'}/sa/{account} -> {opening.workload}:{opening.request.port}/TCP",
        message=f"{opening.namespace}: {by} lets identities of the trust domain {domain} in to {at}",
        evidence=opening.evidence,
    )


def _settings(context: Context) -> tuple[ManifestObject, ...]:
    """istiod's ConfigMap, or where that is not among the objects, the namespaces that are concerned."""
    root = context.cluster.mesh.root_namespace
    maps = context.cluster.objects("", "ConfigMap").get(root, ())
    found = tuple(one for one in maps if one.key.name == "istio" or one.key.name.startswith("istio-"))
    spaces = (space for some in context.intent.tenants.values() for space in some)
    return found or tuple(one for space in spaces for one in context.namespace_object(space))


def _somebody(context: Context) -> str:
    return next((space for some in context.intent.tenants.values() for space in some), "any")
