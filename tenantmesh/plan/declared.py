"""What a tenant declares of others, written on its namespaces: a proof holds what the policies do against it.

The owner's half of a grant is on the namespace that it opens, the caller's half on all namespaces of the caller, and
which services take plain text on theirs. What is asked of clients at the tenant's hosts, whose tokens, and which
addresses they are answered at, is on the gateways' namespace.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from tenantmesh.plan.certificates import accepted_clients, tcp_clients, tcp_secret_name, tls_secret_name
from tenantmesh.plan.outside import EVERYWHERE, others_ranges
from tenantmesh.spec import labels
from tenantmesh.spec.authentication import JwtSpec, TokenRuleSpec
from tenantmesh.spec.gateway import ClientTls, EgressGatewaySpec, EgressSpec, IngressSpec
from tenantmesh.spec.labels import CALLERS, DOORS, EXPORTS, IMPORTS, KEYS, PEERS, PERMISSIVE, RANGES, TOKENS
from tenantmesh.spec.permissive import PermissiveSpec
from tenantmesh.spec.ranges import without
from tenantmesh.spec.sharing import ExportSpec, ImportSpec
from tenantmesh.spec.tenant import NamespaceSpec, TenantSpec


def declarations(tenant: TenantSpec, namespace: NamespaceSpec) -> dict[str, Any]:
    """The annotations of one of the tenant's namespaces; empty when it declares nothing."""
    part = namespace.part
    is_home = namespace.name == tenant.gateway_namespace
    declared: dict[str, list[Any]] = {
        CALLERS: _callers(tenant) if is_home else [],
        DOORS: _doors(tenant) if is_home else [],
        EXPORTS: [_export(one) for one in tenant.exports if one.part == part],
        IMPORTS: [_import(one) for one in tenant.imports],
        TOKENS: [_issuer(at, one) for at, one in enumerate(tenant.jwt)] if is_home else [],
        PEERS: [peer.namespace for peer in tenant.project.peers] if tenant.project else [],
        PERMISSIVE: [_plain(one) for one in tenant.permissive if one.part == part],
        RANGES: _ranges(tenant) if is_home else [],
    }
    later = {
        KEYS.format(at): one.jwks_digest for at, one in enumerate(tenant.jwt) if is_home and one.jwks_digest is not None
    }
    return {name: json.dumps(value, separators=(",", ":")) for name, value in declared.items() if value} | later


def _doors(tenant: TenantSpec) -> list[dict[str, Any]]:
    """What each gateway asks of clients, if only by which host. Of several, each is named by what selects its pods."""
    return [
        {**door, **({"selector": labels.gateway(tenant.name, ingress.role)} if tenant.further else {})}
        for ingress in tenant.ingresses
        for door in (_door(tenant, ingress), *_tcp_doors(tenant, ingress))
    ]


def _door(tenant: TenantSpec, ingress: IngressSpec) -> dict[str, Any]:
    said = {
        "hosts": ingress.hosts,
        "tls": ingress.client_tls.value,
        "secret": tls_secret_name(tenant, ingress) if ingress.certified else "",
        "clients": accepted_clients(tenant, ingress) if ingress.client_tls is ClientTls.MUTUAL else [],
    }
    return {name: value for name, value in said.items() if value}


def _tcp_doors(tenant: TenantSpec, ingress: IngressSpec) -> Iterable[dict[str, Any]]:
    for host, _ in ingress.certificates.tcp:
        said = {
            "hosts": [host],
            "tls": ingress.tcp_tls(host).mode,
            "secret": tcp_secret_name(tenant, ingress, host),
            "clients": tcp_clients(tenant, ingress, host),
        }
        yield {name: value for name, value in said.items() if value}


def _ranges(tenant: TenantSpec) -> list[dict[str, Any]]:
    """Nothing of a gateway that answers, or calls, all addresses."""
    said: list[dict[str, Any]] = [
        {"selector": labels.gateway(tenant.name, ingress.role), "from": ingress.service.source_ranges}
        for ingress in tenant.ingresses
        if ingress.service.source_ranges
    ]
    if tenant.egress:
        said += [one for gateway in tenant.egress.gateways if (one := _way_out(tenant, tenant.egress, gateway))]
    return said


def _way_out(tenant: TenantSpec, egress: EgressSpec, gateway: EgressGatewaySpec) -> dict[str, Any]:
    """Which addresses one egress gateway calls and, where there are others, which hosts."""
    servers = tenant.mesh.infrastructure.api_server_cidrs
    others = others_ranges(tenant, gateway)
    ranges = gateway.destination_ranges or (EVERYWHERE if others else ())
    said = {
        "to": (*ranges, *servers) if ranges else (),
        "except": [left for cidr in others for left in without(cidr, servers)],
        "hosts": [service.host for service in egress.by(gateway)] if len(egress.gateways) > 1 else [],
    }
    found = {name: value for name, value in said.items() if value}
    return {"selector": labels.gateway(tenant.name, gateway.role), **found} if found else {}


def _plain(one: PermissiveSpec) -> dict[str, Any]:
    return {"selector": one.pods, "ports": one.ports, "until": one.until, "reason": one.reason}


def _callers(tenant: TenantSpec) -> list[dict[str, Any]]:
    """Nothing of a host that each of the tenant's workloads may call."""
    egress = tenant.egress or EgressSpec(services=())
    return [
        {
            "host": one.host,
            "serviceAccounts": one.service_accounts,
            "selector": labels.gateway(tenant.name, egress.gateway_to(one.host).role),
        }
        for one in egress.services
        if one.service_accounts
    ]


def _issuer(at: int, one: JwtSpec) -> dict[str, Any]:
    """Keys that are not known before they are deployed are where their digest will be."""
    said = {
        "issuer": one.issuer,
        "audiences": one.audiences,
        "keys": one.jwks_uri or (key_digest(one.jwks) if isinstance(one.jwks, str) else KEYS.format(at)),
        "headers": dict(one.claim_headers),
        "allow": [_opened(each) for each in one.allow],
    }
    return {name: value for name, value in said.items() if value}


def key_digest(keys: str) -> str:
    """The SHA-256 of a key set, however it is laid out."""
    try:
        plain = json.dumps(json.loads(keys), separators=(",", ":"), sort_keys=True)
    except ValueError:
        plain = keys
    return f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"


def _opened(one: TokenRuleSpec) -> dict[str, Any]:
    said = {"paths": one.paths, "methods": one.methods, "claims": dict(one.claims)}
    return {name: value for name, value in said.items() if value}


def _export(one: ExportSpec) -> dict[str, Any]:
    said = {
        "service": one.service,
        "ports": one.ports,
        "to": [peer.namespace for peer in one.to],
        "methods": one.methods,
        "paths": one.paths,
        "serviceAccounts": one.service_accounts,
        "selector": one.pods,
        "reason": one.reason,
    }
    return {name: value for name, value in said.items() if value}


def _import(one: ImportSpec) -> dict[str, Any]:
    said = {
        "namespace": one.owner.namespace,
        "service": one.service,
        "ports": one.ports,
        "selector": one.pods,
        "reason": one.reason,
    }
    return {name: value for name, value in said.items() if value}
