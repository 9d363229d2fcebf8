"""The words that arguments accept, as enumerations or as their values written out.

A type checker sees both spellings; the schema analyzer, which refuses unions, sees the enumeration.
"""

from typing import TYPE_CHECKING, Literal

from tenantmesh.spec.app import AppProtocol
from tenantmesh.spec.gateway import ClientTls, ExternalProtocol, IssuerKind, ServiceType
from tenantmesh.spec.mesh import Dataplane
from tenantmesh.spec.telemetry import AccessLog, Logged
from tenantmesh.spec.tenant import PodSecurity, Role
from tenantmesh.spec.tracing import TracingProtocol

if TYPE_CHECKING:
    AccessLogName = AccessLog | Literal["text", "json", "none"]
    AppProtocolName = AppProtocol | Literal["http", "http2", "grpc", "tcp", "tls"]
    ClientTlsName = ClientTls | Literal["none", "simple", "mutual", "passthrough"]
    DataplaneName = Dataplane | Literal["istio-sidecar"]
    ExternalProtocolName = ExternalProtocol | Literal["tls", "https"]
    IssuerKindName = IssuerKind | Literal["Issuer", "ClusterIssuer"]
    LoggedName = Logged | Literal["all", "errors", "none"]
    PodSecurityName = PodSecurity | Literal["restricted", "baseline", "privileged"]
    RoleName = Role | Literal["admin", "developer", "viewer"]
    ServiceTypeName = ServiceType | Literal["LoadBalancer", "NodePort", "ClusterIP"]
    TracingProtocolName = TracingProtocol | Literal["grpc", "http"]
else:
    AccessLogName = AccessLog
    AppProtocolName = AppProtocol
    ClientTlsName = ClientTls
    DataplaneName = Dataplane
    ExternalProtocolName = ExternalProtocol
    IssuerKindName = IssuerKind
    LoggedName = Logged
    PodSecurityName = PodSecurity
    RoleName = Role
    ServiceTypeName = ServiceType
    TracingProtocolName = TracingProtocol
