"""Puts a tenant together from its fields: what follows from several of them, and what they must not say together."""

from collections.abc import Iterable, Sequence
from typing import Any

from tenantmesh.args.parse.ingresses import gateway_accounts, ingress_problems, ways_in
from tenantmesh.args.parse.login import login_problems
from tenantmesh.args.parse.outside import outside_problems
from tenantmesh.args.parse.permissive import permissive_problems
from tenantmesh.args.parse.rate_limits import rate_limit_problems, reserved
from tenantmesh.args.parse.readers import did_you_mean
from tenantmesh.args.parse.shares import Reserve, gateway_problems, shared_out
from tenantmesh.args.parse.sharing import export_of, import_of
from tenantmesh.spec.gateway import ClientTls, EgressSpec
from tenantmesh.spec.hosts import WILDCARD, covers
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.names import namespace_name
from tenantmesh.spec.quota import QuotaSpec
from tenantmesh.spec.sharing import ExportSpec, GrantSpec, ImportSpec, Peer
from tenantmesh.spec.tenant import NamespaceSpec, ProtectionSpec, TenantSpec, external_services

_QUOTA = QuotaSpec()


def assemble(
    name: str, found: dict[str, Any], mesh: MeshSpec, grants: Sequence[GrantSpec], path: str, problems: list[str]
) -> TenantSpec:
    """The tenant of the fields in `found`, with its halves of `grants`; adds to the problems what does not fit."""
    settings: dict[str, Any] = found.get("settings", {})
    sharing: dict[str, Any] = found.get("sharing", {})
    mesh = settings.get("mesh", mesh)
    domain = found.get("domain") or (f"{name}.{mesh.domain}" if mesh.domain else "")
    quota = found.get("quota", _QUOTA)
    ingress, further = ways_in(found, domain, path, problems)
    egress: EgressSpec | None = found.get("egress")
    gateways = (*((ingress,) if ingress else ()), *further, *(egress.gateways if egress else ()))
    limits = found.get("rate_limits", ())
    reserve = Reserve(settings.get("gateway_namespace", ""), gateways, reserved(limits))
    spec = TenantSpec(
        name=name,
        namespaces=_namespaces(name, found.get("namespaces", ()), quota, reserve, f"{path}.namespaces", problems),
        mesh=mesh,
        domain=domain,
        quota=quota,
        ingress=ingress,
        further=further,
        egress=egress,
        jwt=found.get("jwt", ()),
        rate_limits=limits,
        access=found.get("access", ()),
        project=sharing.get("project"),
        exports=(*sharing.get("exports", ()), *(export_of(g) for g in grants if g.destination.tenant == name)),
        imports=(*sharing.get("imports", ()), *(import_of(g) for g in grants if g.source.tenant == name)),
        gateway_part=reserve.part,
        protection=ProtectionSpec(**_given(settings, "protect", "retain")),
        **_given(settings, "pod_security", "telemetry", "signer", "permissive", "patches"),
    )
    for rule in _RULES:
        problems.extend(f"{path}.{problem}" for problem in rule(spec))
    if not problems:
        problems.extend(f"{path}.{problem}" for problem in gateway_problems(reserve, spec.namespaces))
    return spec


def _given(settings: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of some settings that were given; the others are as the spec has them."""
    return {name: settings[name] for name in names if name in settings}


def _namespaces(
    tenant: str, given: Sequence[dict[str, Any]], quota: QuotaSpec, reserve: Reserve, path: str, problems: list[str]
) -> tuple[NamespaceSpec, ...]:
    shares: dict[str, Any] = {}
    for index, one in enumerate(given):
        if one["name"] in shares:
            problems.append(f"{path}[{index}].name: {one['name']!r} is there twice")
        shares[one["name"]] = one.get("quota", {})
    if reserve.part:
        shares.setdefault(reserve.part, {})
    quotas = shared_out(quota, shares, reserve, path, problems)
    return tuple(
        NamespaceSpec(name=namespace_name(tenant, part), part=part, quota=quotas[part]) for part in sorted(quotas)
    )


def _namespace_problems(spec: TenantSpec) -> Iterable[str]:
    """A namespace of the mesh's infrastructure is nobody's: the fence has exceptions for it."""
    shared = spec.mesh.infrastructure
    taken = {spec.mesh.control_plane.namespace, shared.dns_namespace, *shared.observability_namespaces}
    if spec.mesh.telemetry.tracing:
        taken.add(spec.mesh.telemetry.tracing.namespace)
    for name in spec.namespace_names:
        if name in taken:
            yield f"namespaces: {name!r} is the mesh's own: choose another name"


def _egress_problems(spec: TenantSpec) -> Iterable[str]:
    """An outside host is not one of the cluster's own names, which only a grant opens."""
    inside = WILDCARD + spec.mesh.cluster_domain
    for index, service in enumerate(external_services(spec)):
        if covers(inside, service.host) or service.host.endswith(".svc"):
            yield f"egress.services[{index}].host: {service.host!r} is inside the cluster: import it from its tenant"
        if any(covers(host, service.host) for ingress in spec.ingresses for host in ingress.hosts):
            yield f"egress.services[{index}].host: {service.host!r} is the tenant's own: call its Service"


def _access_problems(spec: TenantSpec) -> Iterable[str]:
    """A gateway's service account may read its keys: nobody else is to have it."""
    taken = gateway_accounts(spec)
    for index, access in enumerate(spec.access):
        for name in access.service_accounts:
            if name in taken:
                yield f"access[{index}].service_accounts: {name!r} is a gateway's: choose another name"


def _sharing_problems(spec: TenantSpec) -> Iterable[str]:
    own = {namespace.part for namespace in spec.namespaces}
    for index, peer in enumerate(spec.project.peers if spec.project else ()):
        if peer.tenant == spec.name:
            yield f"sharing.project.tenants[{index}]: {peer} is the tenant itself: leave it out"
    seen: set[tuple[str, str, Peer]] = set()
    for index, export in enumerate(spec.exports):
        yield from _export_problems(spec, export, own, seen, f"sharing.exports[{index}]")
    bought: set[tuple[Peer, str]] = set()
    for index, one in enumerate(spec.imports):
        yield from _import_problems(spec, one, bought, f"sharing.imports[{index}]")


def _telemetry_problems(spec: TenantSpec) -> Iterable[str]:
    where = spec.mesh.watching_namespace
    if spec.telemetry and not where:
        yield "settings.telemetry: nobody may watch: give the mesh telemetry.namespace and observability_namespaces"
    if spec.telemetry and where in spec.namespace_names:
        yield f"settings.telemetry: {where!r} is the tenant's own, where its roles could change rules: name another"
    if spec.telemetry and spec.telemetry.sampling and not spec.mesh.telemetry.tracing:
        yield "settings.telemetry.sampling: nobody takes spans: give the mesh telemetry.tracing"


def _signer_problems(spec: TenantSpec) -> Iterable[str]:
    """With signers, istiod gives nobody a certificate who asks for none of them."""
    known = [one.name for one in spec.mesh.trust.signers]
    if spec.signer and spec.signer not in known:
        there = f"there are: {', '.join(known)}" if known else "the mesh has no trust.signers"
        yield f"settings.signer: {spec.signer!r} is none of the mesh's ({there}){did_you_mean(spec.signer, known)}"
    if known and not spec.signer:
        yield f"settings.signer: is missing: the mesh has certificates signed by one of {', '.join(known)}"


def _jwt_problems(spec: TenantSpec) -> Iterable[str]:
    """Tokens are headers of HTTP, which the gateway has to see."""
    if spec.jwt and (spec.ingress is None or spec.ingress.client_tls is ClientTls.PASSTHROUGH):
        yield "jwt: no gateway sees tokens: give an ingress whose client_tls is not passthrough"
    for ingress in spec.further if spec.jwt else ():
        if ingress.client_tls is ClientTls.PASSTHROUGH:
            yield f"ingresses.{ingress.name}.client_tls: passthrough shows no tokens, which jwt asks for: end TLS there"


def _export_problems(
    spec: TenantSpec, export: ExportSpec, own: set[str], seen: set[tuple[str, str, Peer]], path: str
) -> Iterable[str]:
    if export.part not in own:
        yield f"{path}.namespace: {export.part!r} is none of the tenant's namespaces"
    for peer in export.to:
        key = (export.part, export.service, peer)
        if peer.tenant == spec.name:
            yield f"{path}.to: {peer} is the tenant itself, which needs no grant"
        if key in seen:
            yield f"{path}.to: {peer} may call {export.service!r} already: say both in one export"
        seen.add(key)


def _import_problems(spec: TenantSpec, one: ImportSpec, bought: set[tuple[Peer, str]], path: str) -> Iterable[str]:
    if one.owner.tenant == spec.name:
        yield f"{path}.tenant: {one.owner} is the tenant itself, which needs no grant"
    if (one.owner, one.service) in bought:
        yield f"{path}.service: {one.service!r} of {one.owner} is imported already: say both in one import"
    bought.add((one.owner, one.service))


_RULES = (
    _namespace_problems,
    _access_problems,
    _egress_problems,
    outside_problems,
    ingress_problems,
    _jwt_problems,
    login_problems,
    permissive_problems,
    rate_limit_problems,
    _sharing_problems,
    _signer_problems,
    _telemetry_problems,
)
