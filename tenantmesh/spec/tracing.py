"""The complete description of the collector that gets the spans of tenants' proxies."""

from dataclasses import dataclass
from enum import StrEnum


class TracingProtocol(StrEnum):
    """How spans are sent, in OpenTelemetry's protocol (OTLP)."""

    GRPC = "grpc"
    HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSpec:
    """A Service, whose pods have these labels and listen on `target_port`.

    Ports of 0 are OTLP's own: 4317 for gRPC, 4318 for HTTP, and the pods' is the Service's. `sampling` is the
    percentage of requests that are traced in tenants that say nothing.
    """

    service: str
    namespace: str
    pod_labels: tuple[tuple[str, str], ...] = (("app.kubernetes.io/name", "opentelemetry-collector"),)
    protocol: TracingProtocol = TracingProtocol.GRPC
    port: int = 0
    target_port: int = 0
    sampling: float = 1.0

    @property
    def service_port(self) -> int:
        """The port that proxies call."""
        return self.port or _PORTS[self.protocol]

    @property
    def pod_port(self) -> int:
        """The port that network policies open."""
        return self.target_port or self.service_port


# https://opentelemetry.io/docs/specs/otlp/
_PORTS = {TracingProtocol.GRPC: 4317, TracingProtocol.HTTP: 4318}
