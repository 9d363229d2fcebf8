"""What one Pulumi program has constructed so far: its mesh, its tenants, its grants, and the names that are taken.

It hangs on the program's stack resource, so components find one another without wiring, and two evaluations in one
process share nothing. A component that Pulumi constructs remotely runs without a stack resource and stands alone: it
takes its mesh from `settings.mesh`, and the verifier compares its names with those of others.
"""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import pulumi
from msgspec import Struct, field
from pulumi.runtime import get_root_resource

from tenantmesh.errors import ArgsError
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.ownership import Registry
from tenantmesh.spec.sharing import GrantSpec
from tenantmesh.spec.tenant import TenantSpec, claims_of


class Placed(Struct, frozen=True):
    """A tenant that is registered, with its namespaces, for which its Apps wait."""

    spec: TenantSpec
    namespaces: Mapping[str, pulumi.Resource]


class Program(Struct):
    """Grows by the methods and by nothing else; each refuses what comes too late or twice.

    `alone` is the program of one component that Pulumi constructs remotely: nothing else will ever be in it.
    """

    alone: bool = False
    mesh: MeshSpec | None = None
    tenants: dict[str, Placed] = field(default_factory=dict[str, Placed])
    grants: list[GrantSpec] = field(default_factory=list[GrantSpec])
    _registry: Registry = field(default_factory=Registry)

    def add_mesh(self, name: str, mesh: MeshSpec) -> None:
        """Take the mesh of the tenants that follow. Raises ArgsError for a second mesh or one after a tenant."""
        problems: list[str] = []
        if self.mesh is not None:
            problems.append(f"meshes.{name}: a program has one Mesh; remove the other")
        if self.tenants:
            problems.append(f"meshes.{name}: construct the Mesh before its tenants ({', '.join(sorted(self.tenants))})")
        if problems:
            raise ArgsError(problems)
        self.mesh = mesh

    def add_grant(self, name: str, grant: GrantSpec) -> None:
        """Take a grant between tenants that follow. Raises ArgsError when one of them is there, or none can follow."""
        if self.alone:
            raise ArgsError(
                [f"grants.{name}: can't reach its tenants here: write exports and imports in their arguments"]
            )
        late = [peer.tenant for peer in (grant.source, grant.destination) if peer.tenant in self.tenants]
        if late:
            raise ArgsError([f"grants.{name}: construct the Grant before its tenants ({', '.join(late)})"])
        self.grants.append(grant)

    def claim(self, tenant: TenantSpec) -> None:
        """Take the names that a tenant owns. Raises OwnershipError when another has one of them."""
        self._registry.claim(claims_of(tenant))

    def meet(self, tenant: TenantSpec) -> None:
        """See whether a tenant and those that it calls, or is called by, trust one signer. Raises ArgsError if not."""
        others = (placed.spec for _, placed in sorted(self.tenants.items()) if placed.spec.signer != tenant.signer)
        apart = [one for one in others if one.name in tenant.acquaintances or tenant.name in one.acquaintances]
        if apart:
            path = f"tenants.{tenant.name}.settings.signer"
            raise ArgsError(
                [
                    f"{path}: {tenant.signer!r} is not that of {one.name}, {one.signer!r}, and one may call the other: "
                    "name the same for both"
                    for one in apart
                ]
            )

    def add_tenant(self, tenant: Placed) -> None:
        """Take a tenant that is registered."""
        self.tenants[tenant.spec.name] = tenant

    def tenant(self, name: object, app: str) -> Placed:
        """The tenant that an App names. Raises ArgsError when the program has not constructed it."""
        if not isinstance(name, str):
            raise ArgsError(
                [f"apps.{app}.tenant: {type(name).__name__} values are not known in time: write the name plainly"]
            )
        if name not in self.tenants:
            known = ", ".join(sorted(self.tenants)) or "none"
            raise ArgsError(
                [f"apps.{app}.tenant: no tenant {name!r}; construct it before the App (there are: {known})"]
            )
        return self.tenants[name]


_programs: WeakKeyDictionary[pulumi.Resource, Program] = WeakKeyDictionary()


def current_program() -> Program:
    """The program that runs in this context."""
    root = get_root_resource()
    return Program(alone=True) if root is None else _programs.setdefault(root, Program())
