"""Rules of trust: no key and no authority serves two tenants, and none runs out unseen."""

from tenantmesh.checks.finding import Rule, Severity

_PRACTICES = "https://istio.io/latest/docs/ops/best-practices/security/"

SHARED_KEY = Rule(
    id="shared-key",
    severity=Severity.ERROR,
    title="No private key is two tenants'.",
    why="Who holds the key of one tenant is taken for the other, and reads what is sent to it.",
    fix="give each tenant a key of its own",
    sources=(_PRACTICES,),
)
SHARED_AUTHORITY = Rule(
    id="shared-authority",
    severity=Severity.ERROR,
    title="No certificate authority signs for, or is trusted by, two tenants.",
    why="A client whose certificate the authority signed for one tenant is let in by the other's gateway too.",
    fix="give each tenant an authority of its own",
    sources=(_PRACTICES,),
)
FOREIGN_CREDENTIAL = Rule(
    id="foreign-credential",
    severity=Severity.ERROR,
    title="A gateway takes its certificates from its own namespace.",
    why="A gateway that names another namespace's Secret gets that tenant's key (CVE-2021-34824).",
    fix="name a Secret of the gateway's own namespace, without a slash or a scheme before it",
    sources=("https://istio.io/latest/news/security/istio-security-2021-007/",),
)
CERTIFICATE_EXPIRES = Rule(
    id="certificate-expires",
    severity=Severity.WARNING,
    title="No certificate runs out within 30 days.",
    why="Nothing makes it anew by itself; on that day clients are refused.",
    fix="raise the epoch or run `up`, so that it is made anew",
    sources=("https://github.com/pulumi/pulumi-tls/issues/39",),
)
CERTIFICATE_EXPIRED = Rule(
    id="certificate-expired",
    severity=Severity.ERROR,
    title="No certificate has run out.",
    why="Clients refuse the gateway, or the gateway them; somebody will switch the check off.",
    fix="make it anew",
)

RULES = (SHARED_KEY, SHARED_AUTHORITY, FOREIGN_CREDENTIAL, CERTIFICATE_EXPIRES, CERTIFICATE_EXPIRED)
