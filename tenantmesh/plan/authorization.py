"""The fence in the layer of identities: a DENY of everything foreign, which no ALLOW of the tenant can undo.

A request is let through when no DENY matches and, as there are ALLOW policies in the namespace, one of them does
(https://istio.io/latest/docs/concepts/security/#authorization-policies).
"""

from tenantmesh.manifest import Body
from tenantmesh.plan.authentication import narrowed
from tenantmesh.plan.grants import caller_rules, callers
from tenantmesh.plan.kinds import security
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.ports import HTTP_TARGET, HTTPS_TARGET
from tenantmesh.plan.principals import account_principals, own_principals, project_principals
from tenantmesh.spec import labels
from tenantmesh.spec.gateway import ClientTls, EgressGatewaySpec, ExternalServiceSpec, IngressSpec
from tenantmesh.spec.names import joined, label_of_host
from tenantmesh.spec.tenant import TenantSpec, external_services

_API_VERSION = "security.istio.io/v1"


def plan_authorization(tenant: TenantSpec) -> list[Body]:
    """The fence, what is allowed within, and what the gateways let through."""
    bodies: list[Body] = []
    for namespace in tenant.namespaces:
        bodies.append(_fence(tenant, namespace.part, namespace.name))
        bodies.append(_allow(tenant, "allow-tenant", namespace.name, own_principals(tenant)))
        if members := project_principals(tenant):
            bodies.append(_allow(tenant, "allow-project", namespace.name, members))
    bodies += [_allow_ingress(tenant, ingress) for ingress in tenant.ingresses]
    bodies += [
        _limit_egress(tenant, tenant.egress.gateway_to(one.host), one)
        for one in external_services(tenant)
        if tenant.egress and one.service_accounts
    ]
    return bodies


def _fence(tenant: TenantSpec, part: str, namespace: str) -> security.AuthorizationPolicy:
    known = [*own_principals(tenant), *project_principals(tenant), *callers(tenant, part)]
    foreign: security.AuthorizationPolicyRules = {
        "from": [{"source": {**_anybody(tenant, part), "notPrincipals": known}}]
    }
    return {
        "apiVersion": _API_VERSION,
        "kind": "AuthorizationPolicy",
        "metadata": metadata(tenant.name, "fence", "fence", namespace),
        "spec": {"action": "DENY", "rules": [foreign, *caller_rules(tenant, part)]},
    }


def _anybody(tenant: TenantSpec, part: str) -> security.AuthorizationPolicyRulesFromSource:
    """Who has an identity at all.

    Where clients show certificates of the tenant's own CA, an identity is not yet one of the mesh: there it must have a
    namespace in it, as every identity that a mesh gives out has.
    """
    mutual = any(ingress.client_tls is ClientTls.MUTUAL for ingress in tenant.ingresses)
    if mutual and part == tenant.gateway_part:
        return {"namespaces": ["*"]}
    return {"principals": ["*"]}


def _allow(tenant: TenantSpec, name: str, namespace: str, principals: list[str]) -> security.AuthorizationPolicy:
    return {
        "apiVersion": _API_VERSION,
        "kind": "AuthorizationPolicy",
        "metadata": metadata(tenant.name, "fence", name, namespace),
        "spec": {"action": "ALLOW", "rules": [{"from": [{"source": {"principals": principals}}]}]},
    }


def _allow_ingress(tenant: TenantSpec, ingress: IngressSpec) -> security.AuthorizationPolicy:
    rules: list[security.AuthorizationPolicyRules] = []
    redirects = ingress.client_tls is not ClientTls.NONE
    if ingress.http_port:
        ports = (ingress.http_port, ingress.service.http_node_port)
        plain: security.AuthorizationPolicyRules = {
            "to": [{"operation": {"hosts": _with_ports(ingress, ports), "ports": [str(HTTP_TARGET)]}}]
        }
        rules += [plain] if redirects else narrowed(tenant, plain)
    if redirects:
        secured: security.AuthorizationPolicyRules = {
            "to": [{"operation": {"ports": [str(HTTPS_TARGET)]}}],
            "when": [{"key": "connection.sni", "values": list(ingress.hosts)}],
        }
        rules += narrowed(tenant, secured)
    if ingress.service.source_ranges:
        for rule in rules:
            rule["from"] = [{"source": {"ipBlocks": list(ingress.service.source_ranges)}}]
    return {
        "apiVersion": _API_VERSION,
        "kind": "AuthorizationPolicy",
        "metadata": metadata(tenant.name, "ingress", ingress.named("allow-ingress"), tenant.gateway_namespace),
        "spec": {
            "action": "ALLOW",
            "rules": rules,
            "selector": {"matchLabels": labels.gateway(tenant.name, ingress.role)},
        },
    }


def _with_ports(ingress: IngressSpec, ports: tuple[int, ...]) -> list[str]:
    """Hosts as they come in the Host header: bare, and with each port that clients may have to write."""
    return [host + port for host in ingress.hosts for port in ("", *(f":{number}" for number in ports if number))]


def _limit_egress(
    tenant: TenantSpec, gateway: EgressGatewaySpec, service: ExternalServiceSpec
) -> security.AuthorizationPolicy:
    """Where only some service accounts may call a host, its egress gateway refuses the others."""
    name = joined("egress", label_of_host(service.host))
    return {
        "apiVersion": _API_VERSION,
        "kind": "AuthorizationPolicy",
        "metadata": metadata(tenant.name, "egress", name, tenant.gateway_namespace),
        "spec": {
            "action": "DENY",
            "rules": [
                {
                    "from": [{"source": {"notPrincipals": account_principals(tenant, service.service_accounts)}}],
                    "when": [{"key": "connection.sni", "values": [service.host]}],
                }
            ],
            "selector": {"matchLabels": labels.gateway(tenant.name, gateway.role)},
        },
    }
