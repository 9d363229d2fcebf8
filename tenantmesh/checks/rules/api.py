"""Rules of the Kubernetes API: nobody's role reaches another tenant or what holds this one down."""

from tenantmesh.checks.finding import Rule, Severity

_PRACTICES = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"

RBAC_ACROSS = Rule(
    id="rbac-across-tenants",
    severity=Severity.ERROR,
    title="No service account of a tenant has rights in another tenant or in the whole cluster, nor has everybody.",
    why="A pod of one tenant, with nothing but its own token, reads or changes what belongs to another.",
    fix="take the subject out of the binding",
    sources=(_PRACTICES,),
)
RBAC_FENCE = Rule(
    id="rbac-against-fence",
    severity=Severity.ERROR,
    title="Nobody who is bound in a tenant's namespace may change the fence, or give himself the right to.",
    why="A tenant that can change its policies, quotas, roles or routes can open itself to others and others' hosts to "
    "itself, and nothing that was proven before holds any more.",
    fix="take the right out of the role; let the operator's pipeline hold it",
    sources=(_PRACTICES, "https://istio.io/latest/news/security/istio-security-2026-002/"),
)
RBAC_SHARED = Rule(
    id="rbac-shared-subject",
    severity=Severity.WARNING,
    title="People and groups have roles in one tenant only.",
    why="Whoever is one of them, or takes over the account, carries data between the tenants.",
    fix="give each tenant a group of its own, or declare operators by an exemption",
    sources=(_PRACTICES,),
)
RBAC_PODS = Rule(
    id="rbac-past-pods",
    severity=Severity.WARNING,
    title="Who may not run a tenant's pods does not get at what they hold: secrets, tokens, shells.",
    why="Whoever reads the secrets, enters the pods or makes tokens is all that the tenant's pods are, and so is who "
    "takes over a pod that may. A gateway's account may read, for its certificates.",
    fix="take the right out of the role, or name the one Secret in resourceNames",
    sources=(_PRACTICES,),
)

RULES = (RBAC_ACROSS, RBAC_FENCE, RBAC_PODS, RBAC_SHARED)
