"""A tenant's gateways: how they are reached, what they call outside, how large they are and what certifies them."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from tenantmesh.spec.names import joined
from tenantmesh.spec.quota import MEBIBYTE

HOURS_PER_YEAR = 8760
MAIN = "ingress"
"""What routes call the gateway of `TenantArgs.ingress`, whose name is empty here; no other may be called so."""
MAIN_EGRESS = "egress"
"""What outside services call the gateway that `EgressArgs` itself describes; no other may be called so either."""


class ClientTls(StrEnum):
    """What an ingress gateway asks of its clients."""

    NONE = "none"
    """Plain HTTP; no certificate is made."""
    SIMPLE = "simple"
    """HTTPS; the gateway shows its certificate."""
    MUTUAL = "mutual"
    """HTTPS; the client must show a certificate from the tenant's own CA too."""
    PASSTHROUGH = "passthrough"
    """TLS goes unopened, by SNI, to an App that holds the certificate."""


class ServiceType(StrEnum):
    """How the ingress gateway's Service is exposed."""

    LOAD_BALANCER = "LoadBalancer"
    NODE_PORT = "NodePort"
    CLUSTER_IP = "ClusterIP"


class ExternalProtocol(StrEnum):
    """What an app speaks to an outside service; it always leaves the cluster as TLS."""

    TLS = "tls"
    """The app itself speaks TLS."""
    HTTPS = "https"
    """The app speaks plain HTTP to port 80; the egress gateway originates TLS."""


class IssuerKind(StrEnum):
    """The two kinds of cert-manager issuers."""

    ISSUER = "Issuer"
    CLUSTER_ISSUER = "ClusterIssuer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicasSpec:
    """How many pods; the autoscaler works between the two numbers. `maximum` 0 stands for `minimum`."""

    minimum: int = 2
    maximum: int = 0
    cpu_utilization: int = 80

    @property
    def most(self) -> int:
        """The largest number of pods."""
        return self.maximum or self.minimum

    @property
    def scales(self) -> bool:
        """Whether an autoscaler has anything to do."""
        return self.most > self.minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcesSpec:
    """What one container asks for and may use; CPU in thousandths of a core, memory in bytes."""

    cpu: int = 100
    memory: int = 128 * MEBIBYTE
    cpu_limit: int = 1000
    memory_limit: int = 512 * MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayServiceSpec:
    """The Service before an ingress gateway; a node port of 0 is the cluster's to choose."""

    type: ServiceType = ServiceType.LOAD_BALANCER
    http_node_port: int = 0
    https_node_port: int = 0
    annotations: tuple[tuple[str, object], ...] = ()
    source_ranges: tuple[str, ...] = ()
    allocate_node_ports: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpTlsSpec:
    """TLS at one host of an App over TCP; empty is as the ingress has it, its clients only while its Secret is too."""

    mode: ClientTls | None = None
    secret: str = ""
    client_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedChain:
    """A root, an intermediate and leaves of the tenant's own; `trust_epochs` () stands for this epoch and the last."""

    epoch: int = 1
    trust_epochs: tuple[int, ...] = ()
    leaf_epoch: int = 1
    root_hours: int = 10 * HOURS_PER_YEAR
    intermediate_hours: int = 3 * HOURS_PER_YEAR
    leaf_hours: int = 90 * 24
    clients: tuple[str, ...] = ()
    tcp: tuple[tuple[str, TcpTlsSpec], ...] = ()

    @property
    def trusted(self) -> tuple[int, ...]:
        """The epochs whose roots clients' certificates may come from, in order; this epoch is always one."""
        chosen = self.trust_epochs or (self.epoch - 1, self.epoch)
        return tuple(sorted({epoch for epoch in (*chosen, self.epoch) if epoch > 0}))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSecret:
    """A Secret in the gateway's namespace that the user keeps: `tls.crt`, `tls.key` and, for mutual TLS, `ca.crt`."""

    name: str
    tcp: tuple[tuple[str, TcpTlsSpec], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIssuer:
    """A cert-manager issuer that fills the gateway's Secret."""

    name: str
    kind: IssuerKind = IssuerKind.ISSUER
    leaf_hours: int = 90 * 24
    tcp: tuple[tuple[str, TcpTlsSpec], ...] = ()


CertificatesSpec = GeneratedChain | NamedSecret | NamedIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressSpec:
    """A tenant's way in. A port of 0 is closed; `hosts` are exact names or `*.` and a domain.

    Empty `client_names` stand for every client that the tenant's CA signed. `name` is "" for the main gateway.
    """

    hosts: tuple[str, ...]
    name: str = ""
    http_port: int = 80
    https_port: int = 443
    client_tls: ClientTls = ClientTls.SIMPLE
    client_names: tuple[str, ...] = ()
    service: GatewayServiceSpec = field(default_factory=GatewayServiceSpec)
    certificates: CertificatesSpec = field(default_factory=GeneratedChain)
    replicas: ReplicasSpec = field(default_factory=lambda: ReplicasSpec(maximum=5))
    resources: ResourcesSpec = field(default_factory=ResourcesSpec)

    @property
    def called(self) -> str:
        """What routes call it."""
        return self.name or MAIN

    @property
    def role(self) -> str:
        """What its objects' names and its pods' label have after the tenant's name."""
        return self.named("ingress")

    def named(self, base: str) -> str:
        """The name of one of its objects: `base` at the main gateway, and elsewhere with the gateway's name behind."""
        return joined(base, self.name) if self.name else base

    @property
    def certified(self) -> bool:
        """Whether the gateway itself ends TLS and so needs a certificate."""
        return self.client_tls in (ClientTls.SIMPLE, ClientTls.MUTUAL)

    def tcp_tls(self, host: str) -> TcpTlsSpec:
        """TLS at one host of an App over TCP, with its mode."""
        found = dict(self.certificates.tcp).get(host, TcpTlsSpec())
        return replace(found, mode=found.mode or self.client_tls)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalServiceSpec:
    """One outside host; empty `service_accounts` stands for every workload of the tenant."""

    host: str
    port: int = 443
    protocol: ExternalProtocol = ExternalProtocol.TLS
    service_accounts: tuple[str, ...] = ()
    gateway: str = MAIN_EGRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressGatewaySpec:
    """One of the gateways of a tenant's way out; `name` is "" for the main one.

    Empty `destination_ranges` stand for all addresses outside the cluster that no other of them names.
    """

    name: str = ""
    destination_ranges: tuple[str, ...] = ()
    replicas: ReplicasSpec = field(default_factory=lambda: ReplicasSpec(maximum=5))
    resources: ResourcesSpec = field(default_factory=ResourcesSpec)

    @property
    def called(self) -> str:
        """What outside services call it."""
        return self.name or MAIN_EGRESS

    @property
    def role(self) -> str:
        """What its objects' names and its pods' label have after the tenant's name."""
        return self.named("egress")

    def named(self, base: str) -> str:
        """The name of one of its objects: `base` at the main gateway, and elsewhere with the gateway's name behind."""
        return joined(base, self.name) if self.name else base


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressSpec:
    """A tenant's way out: the hosts that it calls, and the gateways by which it does, each of which some host has."""

    services: tuple[ExternalServiceSpec, ...]
    gateways: tuple[EgressGatewaySpec, ...] = (EgressGatewaySpec(),)

    def by(self, gateway: EgressGatewaySpec) -> tuple[ExternalServiceSpec, ...]:
        """The hosts that are called by one of the gateways."""
        return tuple(service for service in self.services if service.gateway == gateway.called)

    def gateway_to(self, host: str) -> EgressGatewaySpec:
        """The gateway by which one of its hosts is called."""
        name = next(service.gateway for service in self.services if service.host == host)
        return next(one for one in self.gateways if one.called == name)
