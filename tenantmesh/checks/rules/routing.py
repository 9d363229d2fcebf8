"""Rules of routing: a name belongs to one tenant, and nobody's routes act on another's names."""

from tenantmesh.checks.finding import Rule, Severity

_TENANCY = "https://istio.io/latest/news/security/istio-security-2026-002/"
_SIDECAR = "https://istio.io/latest/docs/reference/config/networking/sidecar/"
_GATEWAY = "https://istio.io/latest/docs/reference/config/networking/gateway/"

HOST_OVERLAP = Rule(
    id="host-overlap",
    severity=Severity.ERROR,
    title="A host that gateways or routes serve belongs to one tenant.",
    why="Two tenants answer for one name: which of them gets a client's request is decided by order, not by anybody.",
    fix="give each tenant hosts of its own; no wildcard over another's",
    sources=(_GATEWAY, _TENANCY),
)
SNI_OVERLAP = Rule(
    id="sni-overlap",
    severity=Severity.ERROR,
    title="A server name (SNI) that TLS is passed through or routed by belongs to one tenant.",
    why="A client that means one tenant is handed, still encrypted, to the other.",
    fix="give each tenant server names of its own",
    sources=(_GATEWAY,),
)
NODE_PORT_OVERLAP = Rule(
    id="node-port-overlap",
    severity=Severity.ERROR,
    title="A node port belongs to one tenant.",
    why="The API server refuses the second one: which of the tenants is reachable depends on who came first.",
    fix="give each tenant node ports of its own",
    sources=("https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",),
)
EGRESS_OVERLAP = Rule(
    id="egress-overlap",
    severity=Severity.WARNING,
    title="No two tenants define one outside host for more than themselves.",
    why="Who defines a host for others decides where their requests go, and reads them.",
    fix='set exportTo to ["."] on each ServiceEntry',
    sources=("https://istio.io/latest/docs/reference/config/networking/service-entry/", _TENANCY),
)
JWT_OVERLAP = Rule(
    id="jwt-overlap",
    severity=Severity.ERROR,
    title="No two tenants take tokens of the same issuer for the same audience.",
    why="A token that was made for one tenant opens the other.",
    fix="give each tenant an audience of its own, and name it in the RequestAuthentication",
    sources=("https://istio.io/latest/docs/reference/config/security/request_authentication/",),
)
FOREIGN_HOST = Rule(
    id="foreign-host",
    severity=Severity.ERROR,
    title="VirtualService, DestinationRule and ServiceEntry act on their own tenant's hosts.",
    why="Routes of one tenant for another's host take over its callers' traffic: a man in the middle, by Istio's own "
    "bulletin.",
    fix="name hosts of the own namespaces and domains only",
    sources=(_TENANCY,),
)
WILDCARD_HOST = Rule(
    id="wildcard-host",
    severity=Severity.ERROR,
    title="No host is a wildcard over more than one's own domain.",
    why="`*` answers for every name that nobody else claimed, and for those that somebody will.",
    fix="name the hosts, or a wildcard under the tenant's own domain",
    sources=("https://istio.io/latest/docs/ops/best-practices/security/",),
)
FOREIGN_GATEWAY = Rule(
    id="foreign-gateway",
    severity=Severity.ERROR,
    title="A Gateway configures its own tenant's gateway pods, and routes attach to own gateways.",
    why="A Gateway whose selector fits another tenant's pods, or a route that attaches to its gateway, serves the "
    "attacker's hosts there.",
    fix="use a selector of the tenant's own and set PILOT_SCOPE_GATEWAY_TO_NAMESPACE",
    sources=("https://github.com/istio/istio/issues/19970",),
)
SEES_TENANT = Rule(
    id="sidecar-sees-tenant",
    severity=Severity.WARNING,
    title="A sidecar knows the services of its own tenant and of its grants.",
    why="A tenant's pods can list the names, addresses and versions of what others run. This hides, and bars nobody.",
    fix="name the own namespaces in the Sidecar's egress hosts",
    sources=(_SIDECAR,),
)
ROUTE_REACH = Rule(
    id="route-reach",
    severity=Severity.ERROR,
    title="A tenant's routes lead to its own services and to those that it was granted.",
    why="A route of one tenant carries requests, its clients' or its pods', to another's service without its consent.",
    fix="route to own services, or declare the grant on both tenants",
    sources=(_TENANCY,),
)
NAMES_TENANT = Rule(
    id="names-tenant",
    severity=Severity.WARNING,
    title="Routes, sidecars and exports name another tenant's namespaces only where that was granted.",
    why="It leads nowhere as long as the other side is hidden; one more export, by default or by mistake, and it does.",
    fix="take the name out, or declare the grant on both tenants",
    sources=(_TENANCY, _SIDECAR),
)
OUTBOUND_ANY = Rule(
    id="outbound-any",
    severity=Severity.WARNING,
    title="Sidecars send nowhere but to what is registered.",
    why="A pod reaches any address by its sidecar as if there were none; only the network is left to keep it in.",
    fix="set spec.outboundTrafficPolicy.mode of the Sidecar to REGISTRY_ONLY",
    sources=(_SIDECAR,),
)
SIDECAR_MISSING = Rule(
    id="sidecar-missing",
    severity=Severity.WARNING,
    title="Every namespace of a tenant is under a Sidecar.",
    why="Without one, each proxy of the tenant gets the whole mesh's configuration: others' topology, and their size.",
    fix="add a Sidecar without workloadSelector to the namespace or to the root namespace",
    sources=(_SIDECAR,),
)

RULES = (
    HOST_OVERLAP,
    SNI_OVERLAP,
    NODE_PORT_OVERLAP,
    EGRESS_OVERLAP,
    JWT_OVERLAP,
    FOREIGN_HOST,
    WILDCARD_HOST,
    FOREIGN_GATEWAY,
    SEES_TENANT,
    ROUTE_REACH,
    NAMES_TENANT,
    OUTBOUND_ANY,
    SIDECAR_MISSING,
)
