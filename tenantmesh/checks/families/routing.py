"""Routing: names that two tenants claim, wildcards, and routes that act on another tenant's names or gateways."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.names import claims, gateway_hosts, is_wide, service_place
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import labels, parts, spec, text, texts
from tenantmesh.checks.rules import routing as rules
from tenantmesh.graph.flow import Workload
from tenantmesh.manifest import ManifestObject

_ISTIO = "networking.istio.io"
_GATEWAY_API = "gateway.networking.k8s.io"
_ROUTES = ("GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute")


def check(context: Context, outcome: Outcome) -> None:
    """Add a tenant's claims, and what its routing objects do to others."""
    tenant = outcome.tenant
    outcome.claims += claims(context, tenant)
    outcome.findings += _wildcards(context, tenant)
    outcome.findings += _foreign_hosts(context, tenant)
    outcome.findings += _foreign_attachments(context, tenant)


def check_cluster(context: Context) -> Iterator[Finding]:
    """Gateways whose selector fits gateway pods of another tenant; a mesh that scopes gateways has none."""
    if context.cluster.mesh.gateways_scoped:
        return
    pods = _by_label(context)
    for namespace, objects in context.cluster.objects(_ISTIO, "Gateway").items():
        tenant = context.intent.owners.get(namespace)
        for one in objects if tenant else ():
            wanted = labels(spec(one).get("selector"))
            fitting = pods.get(next(iter(wanted.items()), ("", "")), ())
            for pod in fitting:
                other = context.intent.owners.get(pod.namespace)
                if tenant and other and other != tenant and wanted.items() <= pod.labels.items():
                    yield _captures(tenant, other, one, pod)


def _by_label(context: Context) -> Mapping[tuple[str, str], list[Workload]]:
    """Pods by the labels that Gateways begin their selectors with."""
    firsts = {
        next(iter(wanted.items()))
        for objects in context.cluster.objects(_ISTIO, "Gateway").values()
        for one in objects
        if (wanted := labels(spec(one).get("selector")))
    }
    found: defaultdict[tuple[str, str], list[Workload]] = defaultdict(list)
    for pods in context.cluster.workloads.values() if firsts else ():
        for pod in pods:
            for pair in firsts & pod.labels.items():
                found[pair].append(pod)
    return found


def _captures(tenant: str, other: str, one: ManifestObject, pod: Workload) -> Finding:
    host = next((host for _, host in gateway_hosts(one)), "*")
    return finding(
        rules.FOREIGN_GATEWAY,
        (tenant, other),
        (one,),
        witness=f"a client of {pod} asks for {host} and is served {tenant}'s routes",
        message=f"{one.key} selects {pod}, a pod of {other}",
    )


def _wildcards(context: Context, tenant: str) -> Iterator[Finding]:
    for one, host in _named_hosts(context, tenant):
        rest = host.removeprefix("*").removeprefix(".")
        if host.startswith("*") and "." not in rest:
            yield finding(
                rules.WILDCARD_HOST,
                (tenant,),
                (one,),
                witness=f"a request for another-tenant.{rest or 'example.com'}",
                message=f"{one.key} claims {host}",
            )


def _named_hosts(context: Context, tenant: str) -> Iterator[tuple[ManifestObject, str]]:
    for one in context.objects(tenant, _ISTIO, "Gateway"):
        yield from ((one, host) for _, host in gateway_hosts(one))
    for kind in ("VirtualService", "ServiceEntry"):
        for one in context.objects(tenant, _ISTIO, kind):
            yield from ((one, host) for host in texts(spec(one).get("hosts")))
    for one in context.objects(tenant, _GATEWAY_API, "Gateway"):
        yield from ((one, text(entry.get("hostname")) or "*") for entry in parts(spec(one).get("listeners")))
    for one in context.objects(tenant, "networking.k8s.io", "Ingress"):
        yield from ((one, text(entry.get("host")) or "*") for entry in parts(spec(one).get("rules")) or [{}])


def _foreign_hosts(context: Context, tenant: str) -> Iterator[Finding]:
    mesh = context.cluster.mesh
    # Whoever exports a definition acts on all who see it; kept to the own namespaces it acts on the own pods only.
    kinds = {
        "VirtualService": mesh.virtual_service_export,
        "DestinationRule": mesh.destination_rule_export,
        "ServiceEntry": mesh.service_export,
    }
    for kind, default in kinds.items():
        for one in context.objects(tenant, _ISTIO, kind):
            for host in texts(spec(one).get("hosts")) or [text(spec(one).get("host"))]:
                place = service_place(context, host, one.key.namespace)
                owner = context.intent.owners.get(place, place)
                if owner not in ("", tenant) and is_wide(context, tenant, one, default):
                    yield _acts_on(tenant, owner, one, host)


def _acts_on(tenant: str, owner: str, one: ManifestObject, host: str) -> Finding:
    return finding(
        rules.FOREIGN_HOST,
        (tenant, owner),
        (one,),
        witness=f"a pod that sees {one.key} calls {host}, and {tenant} decides where that goes",
        message=f"{one.key} acts on {host} of {owner}, for other tenants too",
        fix='name own hosts only, or set exportTo to ["."]',
    )


def _foreign_attachments(context: Context, tenant: str) -> Iterator[Finding]:
    """Routes that attach to another tenant's gateway."""
    for one, place in _attached(context, tenant):
        other = context.intent.owners.get(place)
        if other and other != tenant:
            yield finding(
                rules.FOREIGN_GATEWAY,
                (tenant, other),
                (one,),
                witness=f"a client of {other}'s gateway is served {tenant}'s routes",
                message=f"{one.key} attaches to a gateway in namespace {place} of {other}",
                fix="attach it to a gateway of the own namespaces",
            )


def _attached(context: Context, tenant: str) -> Iterator[tuple[ManifestObject, str]]:
    for one in context.objects(tenant, _ISTIO, "VirtualService"):
        yield from ((one, place) for place in _places(texts(spec(one).get("gateways"))))
    for kind in _ROUTES:
        for one in context.objects(tenant, _GATEWAY_API, kind):
            parents = [ref for ref in parts(spec(one).get("parentRefs")) if ref.get("kind", "Gateway") == "Gateway"]
            yield from ((one, str(ref["namespace"])) for ref in parents if ref.get("namespace"))


def _places(gateways: Iterable[str]) -> Iterator[str]:
    for name in gateways:
        place, slash, _ = name.partition("/")
        if slash:
            yield place
