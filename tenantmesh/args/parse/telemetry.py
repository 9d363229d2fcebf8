"""Reads MeshTelemetryArgs and TelemetryArgs."""

from typing import Any

from tenantmesh.args.parse.fields import NAME
from tenantmesh.args.parse.readers import choice, integer, record
from tenantmesh.spec.telemetry import AccessLog, Logged, MeshTelemetrySpec, TelemetrySpec

_LONGEST = 24 * 60


def _telemetry(*, access_log: Logged = Logged.ALL, **found: Any) -> TelemetrySpec:
    return TelemetrySpec(logged=access_log, **found)


MESH_TELEMETRY = record(MeshTelemetrySpec, {"access_log": choice(AccessLog), "namespace": NAME})
TELEMETRY = record(
    _telemetry,
    {"access_log": choice(Logged), "window_minutes": integer(1, _LONGEST, "a number of minutes")},
)
