"""What the tenants of a cluster share, as a Pulumi component."""

from typing import Any

import pulumi

from tenantmesh.args.mesh import MeshArgs
from tenantmesh.args.parse import parse_mesh
from tenantmesh.components.certificates import make_authority
from tenantmesh.components.objects import register
from tenantmesh.components.program import current_program
from tenantmesh.plan.mesh import helm_values, istiod_environment, mesh_config, plan_mesh
from tenantmesh.plan.telemetry.auditing import audit_policy
from tenantmesh.plan.trust import plan_workload_chain

# The schema analyzer refuses a union, so no argument at all is an empty one.
_NOTHING = MeshArgs()


class Mesh(pulumi.ComponentResource):
    """The shared control plane's settings, and the objects that hold for the whole mesh.

    Construct it before the tenants of the program: they take its trust domain and infrastructure. Istio itself is
    installed by its own chart, with `helm_values`.
    Raises ArgsError for wrong arguments, a second Mesh or one after a tenant.
    """

    mesh_config: pulumi.Output[dict[str, Any]]
    """Istio's MeshConfig."""
    istiod_environment: pulumi.Output[dict[str, str]]
    """Environment variables of istiod."""
    helm_values: pulumi.Output[dict[str, Any]]
    """Values for Istio's chart `istiod`, which hold the two above."""
    audit_policy: pulumi.Output[dict[str, Any]]
    """The API server's audit policy: who changed what, and by the namespace of which tenant."""
    root_certificates: pulumi.Output[str]
    """The roots of the mesh's own authority, PEM, for other meshes' bundles; empty when istiod is left to its own."""

    def __init__(self, name: str, args: MeshArgs = _NOTHING, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantmesh:index:Mesh", name, {}, opts)
        mesh = parse_mesh(args)
        current_program().add_mesh(name, mesh)
        chain = plan_workload_chain(mesh)
        authority = make_authority(chain, self) if chain else None
        register(name, plan_mesh(mesh, authority), self)
        self.mesh_config = pulumi.Output.from_input(mesh_config(mesh))
        self.istiod_environment = pulumi.Output.from_input(istiod_environment(mesh))
        self.helm_values = pulumi.Output.from_input(helm_values(mesh))
        self.audit_policy = pulumi.Output.from_input(audit_policy())
        self.root_certificates = pulumi.Output.from_input(authority.roots if authority else "")
        self.register_outputs(
            {
                "meshConfig": self.mesh_config,
                "istiodEnvironment": self.istiod_environment,
                "helmValues": self.helm_values,
                "auditPolicy": self.audit_policy,
                "rootCertificates": self.root_certificates,
            }
        )
