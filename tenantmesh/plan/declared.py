"""What a tenant declares of others, written on its namespaces: a proof holds what the policies do against it.

The owner's half of a grant is on the namespace that it opens, the caller's half on all namespaces of the caller.
"""

import json
from typing import Any

from tenantmesh.spec.labels import EXPORTS, IMPORTS, PEERS
from tenantmesh.spec.sharing import ExportSpec, ImportSpec
from tenantmesh.spec.tenant import TenantSpec


def declarations(tenant: TenantSpec, part: str) -> dict[str, str]:
    """The annotations of one of the tenant's namespaces; empty when it declares nothing."""
    declared: dict[str, list[Any]] = {
        EXPORTS: [_export(one) for one in tenant.exports if one.part == part],
        IMPORTS: [_import(one) for one in tenant.imports],
        PEERS: [peer.namespace for peer in tenant.project.peers] if tenant.project else [],
    }
    return {name: json.dumps(value, separators=(",", ":")) for name, value in declared.items() if value}


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
