"""How a tenant opens to others: the projects that it joins, what it exports and what it imports."""

from dataclasses import dataclass

from tenantmesh.spec.labels import application
from tenantmesh.spec.mesh import Pairs
from tenantmesh.spec.names import namespace_name


@dataclass(frozen=True, slots=True, order=True)
class Peer:
    """One namespace of another tenant, named by the tenant and the part ("" is the home namespace)."""

    tenant: str
    part: str = ""

    @property
    def namespace(self) -> str:
        """The peer's namespace by its full name."""
        return namespace_name(self.tenant, self.part)

    def __str__(self) -> str:
        return f"{self.tenant}/{self.part}" if self.part else self.tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSpec:
    """A group of tenants that reach one another; `peers` are the other members' namespaces."""

    name: str
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSpec:
    """One service of this tenant that peers may call: the owner's half of a grant.

    `ports` are those that the service's pods listen on. Empty `methods` and `paths` allow all; empty
    `service_accounts` stands for every workload of the peer.
    """

    service: str
    ports: tuple[int, ...]
    to: tuple[Peer, ...]
    part: str = ""
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    selector: Pairs = ()
    reason: str = ""

    @property
    def pods(self) -> dict[str, str]:
        """The labels of the service's pods: the selector that was given, or what an App's pods have."""
        return dict(self.selector) or application(self.service)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSpec:
    """One service of another tenant that this tenant calls: the caller's half of a grant."""

    owner: Peer
    service: str
    ports: tuple[int, ...]
    selector: Pairs = ()
    reason: str = ""

    @property
    def pods(self) -> dict[str, str]:
        """The labels of the service's pods: the selector that was given, or what an App's pods have."""
        return dict(self.selector) or application(self.service)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSpec:
    """The one way across: `source` may call `service` of `destination`, for `reason`."""

    source: Peer
    destination: Peer
    service: str
    ports: tuple[int, ...]
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    selector: Pairs = ()
    reason: str = ""
