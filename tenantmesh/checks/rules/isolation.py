"""Rules of isolation: no tenant reaches another without a grant, in each layer by itself."""

from tenantmesh.checks.finding import Rule, Severity

_NETWORK = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"
_AUTHORIZATION = "https://istio.io/latest/docs/reference/config/security/authorization-policy/"
_PEER = "https://istio.io/latest/docs/reference/config/security/peer_authentication/"
_TENANCY = "https://istio.io/latest/news/security/istio-security-2026-002/"

NETWORK_REACH = Rule(
    id="network-reach",
    severity=Severity.ERROR,
    title="The network lets no tenant reach another's pods without a grant.",
    why="A pod of the other tenant opens a connection; every bug of what listens there is the other tenant's to use, "
    "and the mesh's identities are the only thing left in between.",
    fix="take the peer out of the policy, or declare the grant on both tenants",
    sources=(_NETWORK,),
)
IDENTITY_REACH = Rule(
    id="identity-reach",
    severity=Severity.ERROR,
    title="No identity but the tenant's own, its gateways' and its grants' is let in by its policies.",
    why="Whatever gets past the network is served. A change of one NetworkPolicy, or a network plugin that enforces "
    "none, then opens the tenant.",
    fix="deny every principal that is neither the tenant's nor granted; an ALLOW alone is undone by the next ALLOW",
    sources=(_AUTHORIZATION, _TENANCY),
)
NETWORK_UNCOVERED = Rule(
    id="network-uncovered",
    severity=Severity.ERROR,
    title="Every pod of a tenant, also one made tomorrow, is under a default deny in both directions.",
    why="A pod that no policy selects may be reached by everybody and may reach everybody.",
    fix="add a NetworkPolicy with an empty podSelector, both policyTypes and no rules to the namespace",
    sources=(_NETWORK,),
)
IDENTITY_UNCOVERED = Rule(
    id="identity-uncovered",
    severity=Severity.ERROR,
    title="Every workload of a tenant is under an AuthorizationPolicy that names who may call it.",
    why="A workload that no policy selects serves every identity of the mesh and, unless mutual TLS is strict, "
    "everybody without one.",
    fix="add an AuthorizationPolicy without selector to the namespace that denies every identity but the tenant's",
    sources=(_AUTHORIZATION,),
)
DENY_MISSING = Rule(
    id="deny-missing",
    severity=Severity.WARNING,
    title="A DENY keeps strangers out of every namespace of a tenant, so that no ALLOW can let them in.",
    why="Policies of the action ALLOW add up: the next one, whoever makes it and for whatever pods, opens what all "
    "others keep shut.",
    fix="add an AuthorizationPolicy without selector to the namespace that denies every identity but the tenant's",
    sources=(_AUTHORIZATION,),
)
ALLOW_WIDE = Rule(
    id="allow-beyond-grant",
    severity=Severity.WARNING,
    title="An ALLOW is for the tenant's own identities and granted ones, also while a DENY keeps others out.",
    why="Two policies have to fail before a tenant is open, or one: with an ALLOW for others only the DENY is left.",
    fix="name the tenant's own principals, or declare the grant on both tenants",
    sources=(_AUTHORIZATION,),
)
ONE_SIDED = Rule(
    id="one-sided-opening",
    severity=Severity.WARNING,
    title="No policy opens to another tenant what nobody declared, even while the other side is shut.",
    why="The other tenant's policy is all that is left; what it changes opens the path.",
    fix="take the peer out of the policy, or declare the grant on both tenants",
    sources=(_NETWORK,),
)
GRANT_BROKEN = Rule(
    id="grant-broken",
    severity=Severity.ERROR,
    title="What two tenants granted works in every layer.",
    why="The caller is refused or finds no route: somebody will open more than was granted to make it work.",
    fix="let the layer that denies pass what the grant says, or take the grant back on both sides",
)
GRANT_EXCEEDED = Rule(
    id="grant-exceeded",
    severity=Severity.ERROR,
    title="A grant opens its ports, methods, paths and callers, and nothing beside them.",
    why="Who was given one call can make others: another method, another path, another pod of the owner.",
    fix="narrow the policy to what both tenants declared",
    sources=(_AUTHORIZATION, _NETWORK),
)
HALF_GRANT = Rule(
    id="half-grant",
    severity=Severity.WARNING,
    title="A grant is declared by both tenants, or by none.",
    why="One tenant keeps open, or relies on, what the other does not know of.",
    fix="declare the other half, or take this one back",
)
PERMISSIVE_MTLS = Rule(
    id="permissive-mtls",
    severity=Severity.ERROR,
    title="Mutual TLS is strict for every workload of a tenant.",
    why="Requests in plain text are taken: they have no identity that a policy could refuse, and anybody on the way "
    "reads and changes them.",
    fix="set spec.mtls.mode to STRICT, and remove the exception of the port or workload",
    sources=(_PEER,),
)
RELAY = Rule(
    id="relay",
    severity=Severity.WARNING,
    title="No shared workload that one tenant reaches reaches another tenant.",
    why="What is shared and reaches both may be made to carry requests from one to the other.",
    fix="shut one of the two ways, or give each tenant its own",
)
UNPROTECTED_LABEL = Rule(
    id="unprotected-label",
    severity=Severity.WARNING,
    title="Policies trust no label that a tenant could set.",
    why="Whoever may label a namespace, or make a pod with the label, gives itself what the policy opens.",
    fix="select namespaces by kubernetes.io/metadata.name, which the API server alone sets",
    sources=("https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name",),
)
NOT_UNDERSTOOD = Rule(
    id="not-understood",
    severity=Severity.WARNING,
    title="Everything that routes, selects or grants is understood.",
    why="An object or field that is not understood may open what every other object keeps shut.",
    fix="remove it, or, if it opens nothing, add its kind to harmlessKinds in the intent file",
)

RULES = (
    NETWORK_REACH,
    IDENTITY_REACH,
    NETWORK_UNCOVERED,
    IDENTITY_UNCOVERED,
    DENY_MISSING,
    ALLOW_WIDE,
    ONE_SIDED,
    GRANT_BROKEN,
    GRANT_EXCEEDED,
    HALF_GRANT,
    PERMISSIVE_MTLS,
    RELAY,
    UNPROTECTED_LABEL,
    NOT_UNDERSTOOD,
)
