"""Reads SharingArgs and GrantArgs, and turns a grant into its two halves."""

from typing import Any

from tenantmesh.args.parse.fields import NAME, NAMES, PORT, SELECTOR, TEXT, method_problem, path_problem, peer
from tenantmesh.args.parse.readers import Reader, names, record, several
from tenantmesh.spec.sharing import ExportSpec, GrantSpec, ImportSpec, Peer, ProjectSpec

_PORTS = several(PORT, 1)
_OPENING: dict[str, Reader] = {"service": NAME, "ports": _PORTS, "selector": SELECTOR, "reason": TEXT}
_NARROWING: dict[str, Reader] = {
    "methods": names(method_problem),
    "paths": names(path_problem),
    "service_accounts": NAMES,
}


def _project(*, name: str, tenants: tuple[Peer, ...]) -> ProjectSpec:
    return ProjectSpec(name=name, peers=tuple(sorted(set(tenants))))


def _export(*, namespace: str = "", **found: Any) -> ExportSpec:
    return ExportSpec(part=namespace, **found)


def _import(*, tenant: Peer, **found: Any) -> ImportSpec:
    return ImportSpec(owner=tenant, **found)


PROJECT = record(_project, {"name": NAME, "tenants": several(peer)}, required=["name", "tenants"])
EXPORT = record(
    _export,
    {**_OPENING, **_NARROWING, "to": several(peer, 1), "namespace": NAME},
    required=["service", "ports", "to", "reason"],
)
IMPORT = record(_import, {**_OPENING, "tenant": peer}, required=["tenant", "service", "ports", "reason"])
SHARING = record(dict, {"project": PROJECT, "exports": several(EXPORT), "imports": several(IMPORT)})
GRANT = record(
    GrantSpec,
    {**_OPENING, **_NARROWING, "source": peer, "destination": peer},
    required=["source", "destination", "service", "ports", "reason"],
    rules=[
        lambda found: (
            [("source", "is the destination's tenant: within a tenant nothing needs a grant")]
            if found["source"].tenant == found["destination"].tenant
            else []
        )
    ],
)


def export_of(grant: GrantSpec) -> ExportSpec:
    """The owner's half of a grant."""
    return ExportSpec(
        service=grant.service,
        ports=grant.ports,
        to=(grant.source,),
        part=grant.destination.part,
        methods=grant.methods,
        paths=grant.paths,
        service_accounts=grant.service_accounts,
        selector=grant.selector,
        reason=grant.reason,
    )


def import_of(grant: GrantSpec) -> ImportSpec:
    """The caller's half of a grant."""
    return ImportSpec(
        owner=grant.destination,
        service=grant.service,
        ports=grant.ports,
        selector=grant.selector,
        reason=grant.reason,
    )
