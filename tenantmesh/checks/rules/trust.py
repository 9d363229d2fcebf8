"""Rules of trust: no key and no authority serves two tenants, and none runs out unseen."""

from tenantmesh.checks.finding import Rule, Severity

SHARED_KEY = Rule(
    id="shared-trust",
    severity=Severity.ERROR,
    title="No two tenants share a private key, a certificate authority or a Secret.",
    why="Who holds the key of one tenant is taken for the other; a client that one authority signed is let in by both.",
    fix="give each tenant a key and an authority of its own",
    sources=("https://istio.io/latest/docs/ops/best-practices/security/",),
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

RULES = (SHARED_KEY, FOREIGN_CREDENTIAL, CERTIFICATE_EXPIRES, CERTIFICATE_EXPIRED)
