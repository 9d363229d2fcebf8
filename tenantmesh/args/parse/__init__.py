"""From what users write to complete specs: every wrong field is reported at once, by its path."""

from collections.abc import Mapping, Sequence
from typing import Any

from tenantmesh.args.parse.app import APP, app_problems
from tenantmesh.args.parse.assemble import assemble
from tenantmesh.args.parse.mesh import MESH
from tenantmesh.args.parse.sharing import GRANT
from tenantmesh.args.parse.tenant import TENANT
from tenantmesh.errors import ArgsError
from tenantmesh.spec.app import AppSpec
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.names import part_problem, tenant_problem
from tenantmesh.spec.sharing import GrantSpec
from tenantmesh.spec.tenant import TenantSpec

__all__ = ["parse_app", "parse_grant", "parse_mesh", "parse_tenant"]

_MESH = MeshSpec()


def parse_mesh(args: Mapping[str, Any] | None = None) -> MeshSpec:
    """The mesh of MeshArgs.

    Raises:
        ArgsError: fields are wrong; each problem starts with its path, such as `mesh.domain`.
    """
    problems: list[str] = []
    spec = MESH(args or {}, "mesh", problems)
    _raise(problems)
    return spec


def parse_tenant(
    name: str,
    args: Mapping[str, Any] | None = None,
    mesh: MeshSpec | None = None,
    grants: Sequence[GrantSpec] = (),
) -> TenantSpec:
    """The tenant of TenantArgs with its halves of `grants`.

    A mesh in the arguments comes before `mesh`, and that before the defaults.

    Raises:
        ArgsError: the name or fields are wrong; each problem starts with its path, such as `tenants.acme.quota.cpu`.
    """
    path = f"tenants.{name}"
    problem = tenant_problem(name)
    problems = [f"{path}: {problem}"] if problem else []
    found = TENANT(args or {}, path, problems)
    _raise(problems)
    spec = assemble(name, found, mesh or _MESH, grants, path, problems)
    _raise(problems)
    return spec


def parse_app(name: str, args: Mapping[str, Any], tenant: TenantSpec) -> AppSpec:
    """The App of AppArgs, which has to fit its tenant.

    Raises:
        ArgsError: the name or fields are wrong; each problem starts with its path, such as `apps.web.ports[0].port`.
    """
    path = f"apps.{name}"
    problem = part_problem(name)
    problems = [f"{path}: {problem}"] if problem else []
    found = APP(args, path, problems)
    _raise(problems)
    spec = AppSpec(name=name, **found)
    _raise([f"{path}.{problem}" for problem in app_problems(spec, tenant)])
    return spec


def parse_grant(name: str, args: Mapping[str, Any]) -> GrantSpec:
    """The grant of GrantArgs.

    Raises:
        ArgsError: fields are wrong; each problem starts with its path, such as `grants.reviews.ports[0]`.
    """
    problems: list[str] = []
    spec = GRANT(args, f"grants.{name}", problems)
    _raise(problems)
    return spec


def _raise(problems: Sequence[str]) -> None:
    if problems:
        raise ArgsError(problems)
