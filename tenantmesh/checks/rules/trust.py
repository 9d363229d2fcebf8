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

FOREIGN_TRUST_DOMAIN = Rule(
    id="foreign-trust-domain",
    severity=Severity.ERROR,
    title="No identity of another mesh is let in to a tenant.",
    why="A workload of another cluster, in a namespace that its owners called so, gets where no grant lets anybody.",
    fix="name principals with the mesh's own trust domain; a namespace, or a star for the trust domain, is any mesh's",
    sources=(_PRACTICES,),
)
UNLIMITED_ROOT = Rule(
    id="unlimited-root",
    severity=Severity.ERROR,
    title="The root of another mesh signs for the trust domains of that mesh only.",
    why="Istio takes every root for every name: who holds that one is whichever workload of this mesh they like.",
    fix="write the root with name constraints to its trust domains, as `MeshArgs.trust` does",
    sources=("https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10",),
)

RULES = (
    SHARED_KEY,
    SHARED_AUTHORITY,
    FOREIGN_CREDENTIAL,
    CERTIFICATE_EXPIRES,
    CERTIFICATE_EXPIRED,
    FOREIGN_TRUST_DOMAIN,
    UNLIMITED_ROOT,
)
