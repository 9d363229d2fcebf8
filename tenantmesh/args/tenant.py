"""What a user writes about a tenant."""

from typing import Any, NotRequired, TypedDict

from tenantmesh.args.authentication import JwtArgs
from tenantmesh.args.gateway import EgressArgs, IngressArgs
from tenantmesh.args.mesh import MeshArgs
from tenantmesh.args.names import PodSecurityName, RoleName
from tenantmesh.args.permissive import PermissiveArgs
from tenantmesh.args.rate_limits import RateLimitArgs
from tenantmesh.args.sharing import SharingArgs
from tenantmesh.args.sizes import QuotaArgs
from tenantmesh.args.telemetry import TelemetryArgs


class NamespaceArgs(TypedDict):
    """A further namespace of the tenant; the home namespace is there anyway."""

    name: str
    """The part after the tenant's name: `db` gives `acme--db`."""
    quota: NotRequired[QuotaArgs]
    """This namespace's share of the tenant's quota; what is left is the home namespace's. Default: an equal share."""


class AccessArgs(TypedDict):
    """Who has a role in the tenant's namespaces."""

    role: RoleName
    """viewer reads workloads, developer runs them, admin changes the tenant's own gateways too. None reads secrets or
    changes what holds the tenant down."""
    groups: NotRequired[list[str]]
    """Groups of the cluster's identity provider. Default: none."""
    users: NotRequired[list[str]]
    """Users of the cluster's identity provider. Default: none."""
    service_accounts: NotRequired[list[str]]
    """Service accounts that are made for it in the home namespace. Default: none."""


class PatchOperationArgs(TypedDict):
    """One operation of JSON Patch (RFC 6902)."""

    op: str
    """add, remove, replace or test."""
    path: str
    """JSON Pointer into the object, such as /spec/replicas."""
    value: NotRequired[Any]
    """What is added, put in place or compared. Default: null."""


class PatchArgs(TypedDict):
    """A change of planned objects for what no argument says; one that matches no object is an error."""

    kind: str
    """The objects' kind."""
    name: str
    """The objects' name."""
    namespace: NotRequired[str]
    """The objects' namespace by its full name. Default: any of the tenant's."""
    operations: list[PatchOperationArgs]
    """What to change, in order."""


class SettingsArgs(TypedDict):
    """How a tenant is run, apart from what it is."""

    mesh: NotRequired[MeshArgs]
    """The mesh of this tenant. Default: the program's Mesh, else the defaults of MeshArgs."""
    gateway_namespace: NotRequired[str]
    """A further namespace for the gateways and their certificates, in which no role may run pods: whoever may create
    pods beside a Secret can read it. Default: the home namespace."""
    pod_security: NotRequired[PodSecurityName]
    """The Pod Security Standard of the namespaces. Default: restricted."""
    protect: NotRequired[bool]
    """Whether Pulumi refuses to delete the tenant. Default: no."""
    retain: NotRequired[bool]
    """Whether the namespaces stay in the cluster when the tenant is deleted. Default: no."""
    telemetry: NotRequired[TelemetryArgs]
    """What is recorded of its traffic, and shown of it. Default: no rules and no dashboard; all requests are logged."""
    signer: NotRequired[str]
    """Which of the mesh's `trust.signers` signs for the tenant's workloads, by its name there. Tenants that call each
    other have the same. Default: none, where the mesh has none either."""
    permissive: NotRequired[list[PermissiveArgs]]
    """Services that take plain text beside mutual TLS until a day. Default: none, mutual TLS is strict everywhere."""
    patches: NotRequired[list[PatchArgs]]
    """Changes of planned objects, applied last. Default: none."""


class TenantArgs(TypedDict):
    """A tenant. Without any argument it is locked: every argument opens or sizes something."""

    domain: NotRequired[str]
    """The tenant's domain. Default: `<tenant>.<the mesh's domain>`, or none when the mesh has none."""
    namespaces: NotRequired[list[NamespaceArgs]]
    """Namespaces besides the home namespace. Default: none."""
    quota: NotRequired[QuotaArgs]
    """The size of the whole tenant. Default: small, see QuotaArgs."""
    ingress: NotRequired[IngressArgs]
    """The way in. Default: none."""
    ingresses: NotRequired[dict[str, IngressArgs]]
    """Further ways in beside `ingress`, by name, each with a gateway of its own; routes say which of them they are
    for. What is generated of their certificates is of the chain of `ingress`. Default: none."""
    egress: NotRequired[EgressArgs]
    """The way out. Default: none."""
    jwt: NotRequired[list[JwtArgs]]
    """Whose tokens the way in asks for. Default: nobody's, it asks for none."""
    rate_limits: NotRequired[list[RateLimitArgs]]
    """How many requests the ways in let through, by path. Default: as many as there are."""
    access: NotRequired[list[AccessArgs]]
    """Who may do what by the Kubernetes API. Default: nobody anything."""
    sharing: NotRequired[SharingArgs]
    """Projects, exports and imports. Default: nothing is shared."""
    settings: NotRequired[SettingsArgs]
    """Mesh, protection, patches. Default: see SettingsArgs."""
