"""What a user writes about a tenant's ingress and egress gateways and their certificates."""

from typing import NotRequired, TypedDict

import pulumi

from tenantmesh.args.names import ClientTlsName, ExternalProtocolName, IssuerKindName, ServiceTypeName
from tenantmesh.args.sizes import ReplicasArgs, ResourcesArgs


class ServiceArgs(TypedDict):
    """The Service before the ingress gateway."""

    type: NotRequired[ServiceTypeName]
    """How the gateway is exposed. Default: LoadBalancer."""
    http_node_port: NotRequired[int]
    """The port on every node for HTTP (30000-32767 by default in Kubernetes). Default: the cluster chooses."""
    https_node_port: NotRequired[int]
    """The port on every node for HTTPS. Default: the cluster chooses."""
    annotations: NotRequired[dict[str, pulumi.Input[str]]]
    """Annotations for the cloud's load balancer. Default: none."""
    source_ranges: NotRequired[list[str]]
    """Addresses that clients may have. The clients' addresses are kept (externalTrafficPolicy: Local), and the load
    balancer, the network policy and the gateway's own policy check them. Default: any."""
    allocate_node_ports: NotRequired[bool]
    """Whether a LoadBalancer gets node ports too; some clouds need none. Default: yes."""


class IssuerArgs(TypedDict):
    """A cert-manager issuer that is there already."""

    name: str
    """The issuer's name; an Issuer must be in the gateway's namespace."""
    kind: NotRequired[IssuerKindName]
    """Issuer or ClusterIssuer. Default: Issuer."""


class EpochsArgs(TypedDict):
    """The counters that rotate certificates: raise one to have new keys."""

    ca: NotRequired[int]
    """The generation of the root and intermediate CA. Default: 1."""
    trusted: NotRequired[list[int]]
    """Generations whose client certificates are accepted. To rotate without a refused request, first trust the new
    one, then raise `ca`, then drop the old one. Default: `ca` and the one before."""
    leaf: NotRequired[int]
    """The generation of the server and client certificates. Default: 1."""


class ValidityArgs(TypedDict):
    """How long generated certificates are valid, in hours."""

    root: NotRequired[int]
    """Default: 87600 (ten years)."""
    intermediate: NotRequired[int]
    """Default: 26280 (three years)."""
    leaf: NotRequired[int]
    """Default: 2160 (90 days)."""


class TcpTlsArgs(TypedDict):
    """TLS at one host of an App over TCP, where it differs from the ingress's other hosts."""

    mode: NotRequired[ClientTlsName]
    """simple, mutual, or passthrough: TLS goes unopened to the App. Default: the ingress's client_tls."""
    secret_name: NotRequired[str]
    """A Secret in the gateway's namespace with tls.crt, tls.key and, for mutual, ca.crt. Default: the ingress's."""
    client_names: NotRequired[list[str]]
    """With mutual: the names of which a client's certificate must have one. Default: those of the ingress, or with a
    Secret of its own every client that its CA signed."""


class CertificatesArgs(TypedDict):
    """Where the gateway's certificate comes from: generated, or a Secret, or an issuer; exactly one of the three."""

    secret_name: NotRequired[str]
    """A Secret in the gateway's namespace with tls.crt, tls.key and, for mutual TLS, ca.crt. Default: none."""
    issuer: NotRequired[IssuerArgs]
    """A cert-manager issuer. Default: none."""
    epochs: NotRequired[EpochsArgs]
    """Rotation of the generated chain. Default: the first of each."""
    validity: NotRequired[ValidityArgs]
    """Validity of the generated chain; an issuer uses `leaf`. Default: ten years, three years, 90 days."""
    clients: NotRequired[list[str]]
    """Names of client certificates to make, each in a Secret `<tenant>--client--<name>` of the home namespace.
    Default: none."""
    tcp: NotRequired[dict[str, TcpTlsArgs]]
    """Hosts of Apps over TCP with a certificate or clients of their own. Default: as all hosts of the ingress."""


class IngressArgs(TypedDict):
    """A tenant's way in: a gateway of its own."""

    hosts: NotRequired[list[str]]
    """Host names, or `*.` and a domain. Default: the tenant's domain and everything under it."""
    http_port: NotRequired[int]
    """The Service's port for HTTP; with TLS it only redirects to HTTPS. 0 closes it. Default: 80."""
    https_port: NotRequired[int]
    """The Service's port for TLS. Default: 443."""
    client_tls: NotRequired[ClientTlsName]
    """none: plain HTTP; simple: HTTPS; mutual: clients show a certificate of the tenant's CA; passthrough: TLS goes
    unopened to an App. Default: simple."""
    client_names: NotRequired[list[str]]
    """With mutual: the names (SANs) of which a client's certificate must have one; a name that is taken out is refused
    from then on. Default: those of the generated clients, or any when there are none."""
    service: NotRequired[ServiceArgs]
    """Type, node ports and source addresses. Default: a LoadBalancer open to all."""
    certificates: NotRequired[CertificatesArgs]
    """Where the server's certificate comes from. Default: a chain of the tenant's own is generated."""
    replicas: NotRequired[ReplicasArgs]
    """How many gateway pods. Default: 2 to 5."""
    resources: NotRequired[ResourcesArgs]
    """What a gateway pod asks for and may use. Default: see ResourcesArgs."""


class ExternalServiceArgs(TypedDict):
    """One host outside the cluster that the tenant calls."""

    host: str
    """The full host name; no wildcard."""
    port: NotRequired[int]
    """The host's TLS port. Default: 443."""
    protocol: NotRequired[ExternalProtocolName]
    """tls: the app speaks TLS to `port`; https: the app speaks plain HTTP to port 80 and the egress gateway originates
    TLS. Default: tls."""
    service_accounts: NotRequired[list[str]]
    """Which of the tenant's service accounts may call it. Default: all."""
    gateway: NotRequired[str]
    """The one gateway that calls it: `egress`, or a name of the `gateways` beside. Default: egress."""


class EgressGatewayArgs(TypedDict):
    """A further gateway of a tenant's way out, for the hosts that name it."""

    destination_ranges: NotRequired[list[str]]
    """Addresses that these hosts may have, as the corporate network's. Default: all but the mesh's cluster_cidrs and
    what other gateways of the tenant name."""
    replicas: NotRequired[ReplicasArgs]
    """How many gateway pods. Default: 2 to 5."""
    resources: NotRequired[ResourcesArgs]
    """What a gateway pod asks for and may use. Default: see ResourcesArgs."""


class EgressArgs(TypedDict):
    """A tenant's way out: a gateway of its own, or several, and nothing leaves by any other."""

    services: list[ExternalServiceArgs]
    """The hosts that may be called."""
    gateways: NotRequired[dict[str, EgressGatewayArgs]]
    """Further gateways, by the name that hosts say. What is below is of the gateway `egress`, which is there when some
    host names no other. Default: none."""
    destination_ranges: NotRequired[list[str]]
    """Addresses that these hosts may have, as the corporate network's. Default: all but the mesh's cluster_cidrs and
    what other gateways of the tenant name."""
    replicas: NotRequired[ReplicasArgs]
    """How many gateway pods. Default: 2 to 5."""
    resources: NotRequired[ResourcesArgs]
    """What a gateway pod asks for and may use. Default: see ResourcesArgs."""
