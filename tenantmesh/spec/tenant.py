"""The complete description of a tenant, and the names that only it may own."""

from dataclasses import dataclass, field
from enum import StrEnum

from tenantmesh.spec.authentication import JwtSpec
from tenantmesh.spec.gateway import EgressGatewaySpec, EgressSpec, ExternalServiceSpec, IngressSpec
from tenantmesh.spec.login import LoginSpec
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.names import namespace_name
from tenantmesh.spec.ownership import Claim, ClaimKind
from tenantmesh.spec.permissive import PermissiveSpec
from tenantmesh.spec.quota import QuotaSpec
from tenantmesh.spec.rate_limits import RateLimitSpec
from tenantmesh.spec.sharing import ExportSpec, ImportSpec, ProjectSpec
from tenantmesh.spec.telemetry import TelemetrySpec


class Role(StrEnum):
    """What somebody may do in a tenant; each includes the next."""

    ADMIN = "admin"
    """Work, and the tenant's own gateways."""
    DEVELOPER = "developer"
    """Run and change workloads."""
    VIEWER = "viewer"
    """Read workloads; no secrets."""


class PodSecurity(StrEnum):
    """The Pod Security Standard that a tenant's pods must keep."""

    RESTRICTED = "restricted"
    BASELINE = "baseline"
    PRIVILEGED = "privileged"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceSpec:
    """One namespace: `part` is "" for the home namespace; `quota` is this namespace's share of the tenant's."""

    name: str
    part: str = ""
    quota: QuotaSpec = field(default_factory=QuotaSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSpec:
    """Who has a role in the tenant's namespaces; service accounts are made in the home namespace."""

    role: Role
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionSpec:
    """What keeps a tenant from being removed by accident."""

    protect: bool = False
    retain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchSpec:
    """JSON Patch operations (RFC 6902) for the objects of one kind and name ("" as namespace: in any)."""

    kind: str
    name: str
    namespace: str = ""
    operations: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSpec:
    """One tenant, complete: nothing is left to be decided by plan but names.

    `namespaces` starts with the home namespace. `gateway_part` names the namespace of the gateways ("": home).
    `further` are ways in beside `ingress`, by name; there are none without it. `signer` is of the mesh ("": none).
    """

    name: str
    namespaces: tuple[NamespaceSpec, ...]
    mesh: MeshSpec = field(default_factory=MeshSpec)
    domain: str = ""
    quota: QuotaSpec = field(default_factory=QuotaSpec)
    ingress: IngressSpec | None = None
    further: tuple[IngressSpec, ...] = ()
    egress: EgressSpec | None = None
    jwt: tuple[JwtSpec, ...] = ()
    rate_limits: tuple[RateLimitSpec, ...] = ()
    access: tuple[AccessSpec, ...] = ()
    project: ProjectSpec | None = None
    exports: tuple[ExportSpec, ...] = ()
    imports: tuple[ImportSpec, ...] = ()
    gateway_part: str = ""
    pod_security: PodSecurity = PodSecurity.RESTRICTED
    telemetry: TelemetrySpec | None = None
    protection: ProtectionSpec = field(default_factory=ProtectionSpec)
    signer: str = ""
    permissive: tuple[PermissiveSpec, ...] = ()
    patches: tuple[PatchSpec, ...] = ()

    @property
    def home(self) -> str:
        """The home namespace: called as the tenant is."""
        return self.name

    @property
    def ingresses(self) -> tuple[IngressSpec, ...]:
        """All ways in, the main one first."""
        return (self.ingress, *self.further) if self.ingress else ()

    @property
    def egress_gateways(self) -> tuple[EgressGatewaySpec, ...]:
        """All gateways by which it calls outside hosts."""
        return self.egress.gateways if self.egress else ()

    @property
    def gateway_namespace(self) -> str:
        """Where the tenant's gateways and their certificates are."""
        return namespace_name(self.name, self.gateway_part)

    @property
    def login(self) -> LoginSpec | None:
        """How people log in: of its issuers, one at most has a login."""
        return next((one.login for one in self.jwt if one.login), None)

    @property
    def acquaintances(self) -> set[str]:
        """The tenants that it calls, or is called by."""
        members = self.project.peers if self.project else ()
        callers = (peer for export in self.exports for peer in export.to)
        return {peer.tenant for peer in (*members, *callers, *(one.owner for one in self.imports))}

    @property
    def namespace_names(self) -> list[str]:
        """The names of all of the tenant's namespaces, sorted."""
        return sorted(namespace.name for namespace in self.namespaces)


def claims_of(tenant: TenantSpec) -> tuple[Claim, ...]:
    """Every name that the tenant wants for itself, sorted, for `Registry.claim`."""
    claims = [Claim(ClaimKind.NAMESPACE, name, tenant.name) for name in tenant.namespace_names]
    if tenant.domain:
        claims.append(Claim(ClaimKind.HOST, tenant.domain, tenant.name))
    for ingress in tenant.ingresses:
        service = ingress.service
        claims += [Claim(ClaimKind.HOST, host, tenant.name) for host in ingress.hosts]
        ports = (service.http_node_port, service.https_node_port)
        claims += [Claim(ClaimKind.NODE_PORT, str(port), tenant.name) for port in ports if port]
    tokens = (f"{audience} of {one.issuer}" for one in tenant.jwt for audience in one.audiences)
    claims += [Claim(ClaimKind.TOKENS, token, tenant.name) for token in tokens]
    shared = tenant.mesh.shared_egress_hosts
    claims += [
        Claim(ClaimKind.EGRESS_HOST, service.host, tenant.name)
        for service in external_services(tenant)
        if service.host not in shared
    ]
    return tuple(sorted(set(claims)))


def external_services(tenant: TenantSpec) -> tuple[ExternalServiceSpec, ...]:
    """The outside services that the tenant calls."""
    return tenant.egress.services if tenant.egress else ()
