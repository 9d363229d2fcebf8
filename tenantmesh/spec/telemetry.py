"""The complete description of what is recorded of traffic: by all proxies of a mesh, and of one tenant."""

from dataclasses import dataclass
from enum import StrEnum

from tenantmesh.spec.tracing import TracingSpec


class AccessLog(StrEnum):
    """How proxies write their access log; every line names the tenant and both ends' identities."""

    TEXT = "text"
    """Istio's own line, then the tenant."""
    JSON = "json"
    """An object a line, with the path but not its query, which may hold secrets."""
    NONE = "none"
    """No access log."""


class Logged(StrEnum):
    """Which requests of a tenant are in the access log."""

    ALL = "all"
    ERRORS = "errors"
    """Those answered with a status from 400 on, or not at all."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshTelemetrySpec:
    """What holds for all proxies: `namespace` is where Prometheus finds its scrape job ("": nowhere).

    `tracing` is where spans go (None: nowhere).
    """

    access_log: AccessLog = AccessLog.TEXT
    namespace: str = ""
    tracing: TracingSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySpec:
    """What is recorded of one tenant: rates and percentiles are those of the last `window_minutes`.

    `sampling` is the percentage of its requests that are traced (None: the mesh's).
    """

    logged: Logged = Logged.ALL
    window_minutes: int = 5
    sampling: float | None = None
