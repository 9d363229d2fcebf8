"""Who within the tenant may call an App's port: a DENY of everybody else, which no ALLOW of the tenant can undo.

It is a matter of identities alone: in the network a tenant's pods stay open to each other, and a pod without the
identity, or without mutual TLS, is refused by the App's own proxy.
"""

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import security
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.principals import account_principals, export_principals, principal
from tenantmesh.plan.proxies import gateway_name
from tenantmesh.spec import labels
from tenantmesh.spec.app import AppSpec, PortSpec
from tenantmesh.spec.names import joined
from tenantmesh.spec.tenant import TenantSpec


def plan_callers(app: AppSpec, tenant: TenantSpec) -> list[Body]:
    """Nothing for an App that the whole tenant may call; else one policy with a rule for each port that has callers."""
    rules = [_others(app, tenant, port) for port in app.ports if port.callers]
    if not rules:
        return []
    policy: security.AuthorizationPolicy = {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": metadata(app.tenant, "app", joined("callers", app.name), app.namespace),
        "spec": {
            "action": "DENY",
            "rules": rules,
            "selector": {"matchLabels": labels.application(app.name)},
        },
    }
    return [policy]


def _others(app: AppSpec, tenant: TenantSpec, port: PortSpec) -> security.AuthorizationPolicyRules:
    """Who has no identity at all is one of the others."""
    known = [*account_principals(tenant, port.callers), *_granted(app, tenant, port)]
    known += [
        principal(tenant, tenant.gateway_namespace, gateway_name(tenant, ingress.role))
        for ingress in tenant.ingresses
        if any(app.port_of(route) == port for route in app.through(ingress.called))
    ]
    return {
        "from": [{"source": {"notPrincipals": known}}],
        "to": [{"operation": {"ports": [str(port.container)]}}],
    }


def _granted(app: AppSpec, tenant: TenantSpec, port: PortSpec) -> list[str]:
    """Other tenants' workloads to which the port is exported."""
    exports = (one for one in tenant.exports if (one.service, one.part) == (app.name, app.part))
    return [
        name
        for export in exports
        if port.container in export.ports
        for peer in export.to
        for name in export_principals(tenant, export, peer)
    ]
