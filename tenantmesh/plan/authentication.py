"""Tokens at a tenant's own ingress gateways: which are taken, that there is one, and what each opens.

A token that is not taken is refused with 401 (403 for its audience); RequestAuthentication lets a request without one
pass, so a DENY asks for it, which no ALLOW of the tenant can undo
(https://istio.io/latest/docs/reference/config/security/request_authentication/).
"""

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import security
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.ports import HTTP_TARGET
from tenantmesh.spec import labels
from tenantmesh.spec.authentication import JwtSpec, TokenRuleSpec
from tenantmesh.spec.gateway import ClientTls, IngressSpec
from tenantmesh.spec.tenant import TenantSpec

_API_VERSION = "security.istio.io/v1"


def plan_authentication(tenant: TenantSpec) -> list[Body]:
    """Nothing without issuers; else what takes tokens at each gateway, and what refuses requests that have none."""
    if not tenant.jwt:
        return []
    return [body for ingress in tenant.ingresses for body in (_accept(tenant, ingress), _require(tenant, ingress))]


def narrowed(tenant: TenantSpec, rule: security.AuthorizationPolicyRules) -> list[security.AuthorizationPolicyRules]:
    """What of a rule of the gateway is left when tokens are asked for: a rule for all that each issuer's open."""
    pairs = [(issuer, opened) for issuer in tenant.jwt for opened in issuer.rules]
    return [_with_token(rule, issuer, opened) for issuer, opened in pairs] or [rule]


def _with_token(
    rule: security.AuthorizationPolicyRules, issuer: JwtSpec, opened: TokenRuleSpec
) -> security.AuthorizationPolicyRules:
    """Everything here says what is allowed, so that a path in an unusual spelling is refused, not let through."""
    narrower: security.AuthorizationPolicyRulesToOperation = {}
    if opened.paths:
        narrower["paths"] = list(opened.paths)
    if opened.methods:
        narrower["methods"] = list(opened.methods)
    claims = [("iss", (issuer.issuer,)), *opened.claims]
    conditions: list[security.AuthorizationPolicyRulesWhen] = [
        {"key": _claim(name), "values": list(values)} for name, values in claims
    ]
    return {
        **rule,
        "to": [{"operation": {**one.get("operation", {}), **narrower}} for one in rule.get("to", [])],
        "when": [*rule.get("when", []), *conditions],
    }


def _claim(name: str) -> str:
    """`role` and `realm_access[roles]` as conditions name them."""
    outer, bracket, inner = name.partition("[")
    return f"request.auth.claims[{outer}]{bracket}{inner}"


def _accept(tenant: TenantSpec, ingress: IngressSpec) -> security.RequestAuthentication:
    return {
        "apiVersion": _API_VERSION,
        "kind": "RequestAuthentication",
        "metadata": metadata(tenant.name, "ingress", ingress.named("tokens"), tenant.gateway_namespace),
        "spec": {
            "jwtRules": [_issuer(one) for one in tenant.jwt],
            "selector": {"matchLabels": labels.gateway(tenant.name, ingress.role)},
        },
    }


def _issuer(one: JwtSpec) -> security.RequestAuthenticationJwtRules:
    made: security.RequestAuthenticationJwtRules = {"issuer": one.issuer, "audiences": list(one.audiences)}
    if one.jwks_uri:
        made["jwksUri"] = one.jwks_uri
    else:
        made["jwks"] = one.jwks  # type: ignore[typeddict-item]  an output becomes text
    if one.forward_token:
        made["forwardOriginalToken"] = True
    if one.payload_header:
        made["outputPayloadToHeader"] = one.payload_header
    if one.claim_headers:
        made["outputClaimToHeaders"] = _claim_headers(one)
    return made


def _claim_headers(one: JwtSpec) -> list[security.RequestAuthenticationJwtRulesOutputClaimToHeaders]:
    return [{"claim": claim, "header": header} for header, claim in one.claim_headers]


def _require(tenant: TenantSpec, ingress: IngressSpec) -> security.AuthorizationPolicy:
    """The plain port is left out where it only redirects to the one that is looked at here."""
    rule: security.AuthorizationPolicyRules = {
        "when": [{"key": _claim("iss"), "notValues": [one.issuer for one in tenant.jwt]}]
    }
    if ingress.client_tls is not ClientTls.NONE:
        rule["to"] = [{"operation": {"notPorts": [str(HTTP_TARGET)]}}]
    return {
        "apiVersion": _API_VERSION,
        "kind": "AuthorizationPolicy",
        "metadata": metadata(tenant.name, "ingress", ingress.named("require-token"), tenant.gateway_namespace),
        "spec": {
            "action": "DENY",
            "rules": [rule],
            "selector": {"matchLabels": labels.gateway(tenant.name, ingress.role)},
        },
    }
