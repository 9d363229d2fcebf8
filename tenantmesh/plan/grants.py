"""Both halves of what crosses tenants: the owner lets a caller in, the caller lets its own workloads out.

Each half names the other's namespace by what nobody can forge: the namespace label that the API server sets, and the
identity in the certificate. The halves meet only when both tenants say the same.
"""

from collections.abc import Iterable, Mapping

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import security
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.principals import ANYBODY, export_principals, principal
from tenantmesh.plan.selectors import namespaces, tcp
from tenantmesh.spec.labels import REASON
from tenantmesh.spec.names import joined, namespace_name
from tenantmesh.spec.sharing import ExportSpec, ImportSpec, Peer
from tenantmesh.spec.tenant import TenantSpec


def plan_grants(tenant: TenantSpec) -> list[Body]:
    """The owner's half of each export and the caller's half of each import."""
    bodies: list[Body] = []
    for export in tenant.exports:
        for peer in export.to:
            bodies += [_allow(tenant, export, peer), _let_in(tenant, export, peer)]
    for one in tenant.imports:
        bodies += [_let_out(tenant, one, name) for name in tenant.namespace_names]
    return bodies


def callers(tenant: TenantSpec, part: str) -> list[str]:
    """The principals that may call something in one of the tenant's namespaces."""
    return [_principal(tenant, caller) for caller in _by_caller(tenant, part)]


def caller_rules(tenant: TenantSpec, part: str) -> list[security.AuthorizationPolicyRules]:
    """DENY rules that keep each caller to the ports, methods and paths that some export opens to it.

    Callers to whom the same is open share a rule: a policy has 512 at most, and a platform's tenant more callers.
    """
    by_caller = _by_caller(tenant, part)
    accounts: dict[Peer, list[str]] = {}
    for peer, account in by_caller:
        if account != ANYBODY:
            accounts.setdefault(peer, []).append(_principal(tenant, (peer, account)))
    shared: dict[str, list[str]] = {}
    rules: list[security.AuthorizationPolicyRules] = []
    for (peer, account), exports in by_caller.items():
        general = by_caller.get((peer, ANYBODY), []) if account != ANYBODY else []
        outside = _outside([*exports, *general])
        name, named = _principal(tenant, (peer, account)), accounts.get(peer)
        if account == ANYBODY and named:
            rules.append({"from": [{"source": {"principals": [name], "notPrincipals": named}}], "to": outside})
        elif (principals := shared.get(repr(outside))) is not None:
            principals.append(name)
        else:
            shared[repr(outside)] = principals = [name]
            rules.append({"from": [{"source": {"principals": principals}}], "to": outside})
    return rules


_Caller = tuple[Peer, str]


def _by_caller(tenant: TenantSpec, part: str) -> Mapping[_Caller, list[ExportSpec]]:
    """What each caller may call; members of the tenant's project may call everything and are none."""
    members = {peer.namespace for peer in tenant.project.peers} if tenant.project else set()
    found: dict[_Caller, list[ExportSpec]] = {}
    for export in tenant.exports:
        for peer in export.to:
            if export.part == part and peer.namespace not in members:
                for account in export.service_accounts or (ANYBODY,):
                    found.setdefault((peer, account), []).append(export)
    return dict(sorted(found.items()))


def _principal(tenant: TenantSpec, caller: _Caller) -> str:
    return principal(tenant, caller[0].namespace, caller[1])


def _outside(exports: list[ExportSpec]) -> list[security.AuthorizationPolicyRulesTo]:
    """All but the exports: other ports, and on their ports other methods and other paths."""
    numbers = sorted({port for export in exports for port in export.ports})
    outside: list[security.AuthorizationPolicyRulesTo] = [{"operation": {"notPorts": [str(one) for one in numbers]}}]
    for number in numbers:
        here = [export for export in exports if number in export.ports]
        if all(export.methods for export in here):
            methods = sorted({method for export in here for method in export.methods})
            outside.append({"operation": {"notMethods": methods, "ports": [str(number)]}})
        if all(export.paths for export in here):
            paths = sorted({path for export in here for path in export.paths})
            outside.append({"operation": {"notPaths": paths, "ports": [str(number)]}})
    return outside


def _allow(tenant: TenantSpec, export: ExportSpec, peer: Peer) -> security.AuthorizationPolicy:
    operation: security.AuthorizationPolicyRulesToOperation = {
        "ports": [str(port) for port in sorted(set(export.ports))]
    }
    if export.methods:
        operation["methods"] = list(export.methods)
    if export.paths:
        operation["paths"] = list(export.paths)
    source: security.AuthorizationPolicyRulesFrom = {"source": {"principals": export_principals(tenant, export, peer)}}
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": metadata(
            tenant.name,
            "grant",
            joined("grant", export.service, peer.namespace),
            namespace_name(tenant.name, export.part),
            {REASON: export.reason},
        ),
        "spec": {
            "action": "ALLOW",
            "rules": [{"from": [source], "to": [{"operation": operation}]}],
            "selector": {"matchLabels": export.pods},
        },
    }


def _let_in(tenant: TenantSpec, export: ExportSpec, peer: Peer) -> Body:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(
            tenant.name,
            "grant",
            joined("grant", export.service, peer.namespace),
            namespace_name(tenant.name, export.part),
            {REASON: export.reason},
        ),
        "spec": {
            "ingress": [{"from": [namespaces([peer.namespace])], "ports": tcp(export.ports)}],
            "podSelector": {"matchLabels": export.pods},
            "policyTypes": ["Ingress"],
        },
    }


def _let_out(tenant: TenantSpec, one: ImportSpec, namespace: str) -> Body:
    target = {**namespaces([one.owner.namespace]), "podSelector": {"matchLabels": one.pods}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(
            tenant.name, "grant", joined("import", one.service, one.owner.namespace), namespace, {REASON: one.reason}
        ),
        "spec": {
            "egress": [{"ports": tcp(one.ports), "to": [target]}],
            "podSelector": {},
            "policyTypes": ["Egress"],
        },
    }


def export_to(tenant: TenantSpec, service: str, part: str) -> Iterable[str]:
    """The namespaces that may see a service: the tenant's, its project's, and those that it is exported to."""
    peers = tenant.project.peers if tenant.project else ()
    granted = [
        peer for export in tenant.exports if (export.service, export.part) == (service, part) for peer in export.to
    ]
    return sorted({*tenant.namespace_names, *(peer.namespace for peer in (*peers, *granted))})
