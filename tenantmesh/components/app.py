"""A workload of a tenant, as a Pulumi component."""

from typing import Any

import pulumi

from tenantmesh.args.app import AppArgs
from tenantmesh.args.parse import parse_app
from tenantmesh.components.objects import Objects, register
from tenantmesh.components.program import current_program
from tenantmesh.plan.tenant import plan_app, plan_settings


class App(pulumi.ComponentResource):
    """One Service with a Deployment for each version, its settings, and its routes through the tenant's gateway.

    It is named as its Service is. As two components can't have one name, Apps of two tenants are told apart by the
    tenant's: `acme/web` is the Service `web` of the tenant `acme`. Construct it after its tenant.
    Raises ArgsError for wrong arguments, or when the program has no such tenant.
    """

    host: pulumi.Output[str]
    """The name by which other workloads call it, empty when it has no ports."""

    def __init__(self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantmesh:index:App", name, {}, opts)
        owner = args.get("tenant", "")
        placed = current_program().tenant(owner, name)
        app = parse_app(name.removeprefix(f"{owner}/"), args, placed.spec)
        settings = register(owner, plan_settings(app), self, homes=placed.namespaces)
        register(owner, plan_app(app, placed.spec, _generation(settings)), self, homes=placed.namespaces)
        domain = placed.spec.mesh.cluster_domain
        self.host = pulumi.Output.from_input(f"{app.name}.{app.namespace}.svc.{domain}" if app.ports else "")
        self.register_outputs({"host": self.host})


def _generation(settings: Objects) -> pulumi.Output[str] | None:
    """What changes when the settings do: Pulumi replaces a ConfigMap or Secret whose data changes."""
    if not settings:
        return None
    uids = [made.metadata.apply(_uid) for _, made in sorted(settings.items())]
    return pulumi.Output.all(*uids).apply(",".join)


def _uid(metadata: Any) -> str:
    return metadata.get("uid", "")
