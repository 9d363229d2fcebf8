"""Reads MeshTelemetryArgs, TracingArgs and TelemetryArgs."""

from typing import Any

from tenantmesh.args.parse.choices import percentage
from tenantmesh.args.parse.fields import NAME, PORT, label_value_problem
from tenantmesh.args.parse.readers import choice, integer, pairs, record, text
from tenantmesh.spec.telemetry import AccessLog, Logged, MeshTelemetrySpec, TelemetrySpec
from tenantmesh.spec.tracing import TracingProtocol, TracingSpec

_LONGEST = 24 * 60


def _telemetry(*, access_log: Logged = Logged.ALL, **found: Any) -> TelemetrySpec:
    return TelemetrySpec(logged=access_log, **found)


def _labels_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Every pod has no labels: a policy would open them all."""
    return [] if found.get("pod_labels", True) else [("pod_labels", "are empty: name those of the collector's pods")]


TRACING = record(
    TracingSpec,
    {
        "service": NAME,
        "namespace": NAME,
        "pod_labels": pairs(text(label_value_problem)),
        "protocol": choice(TracingProtocol),
        "port": PORT,
        "target_port": PORT,
        "sampling": percentage,
    },
    required=["service", "namespace"],
    rules=[_labels_rule],
)
MESH_TELEMETRY = record(MeshTelemetrySpec, {"access_log": choice(AccessLog), "namespace": NAME, "tracing": TRACING})
TELEMETRY = record(
    _telemetry,
    {
        "access_log": choice(Logged),
        "window_minutes": integer(1, _LONGEST, "a number of minutes"),
        "sampling": percentage,
    },
)
