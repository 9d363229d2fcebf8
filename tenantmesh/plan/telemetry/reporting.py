"""What a tenant's proxies report of requests: a Telemetry for each namespace, for Istio heeds one alone."""

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import telemetry
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.telemetry.logging import logging_of
from tenantmesh.plan.telemetry.tracing import tracing_of
from tenantmesh.spec.tenant import TenantSpec


def plan_reporting(tenant: TenantSpec) -> list[Body]:
    """One for each namespace; none where all is as the mesh has it."""
    spec: telemetry.TelemetrySpec = {**logging_of(tenant), **tracing_of(tenant)}
    return [_telemetry(tenant, namespace, spec) for namespace in tenant.namespace_names] if spec else []


def _telemetry(tenant: TenantSpec, namespace: str, spec: telemetry.TelemetrySpec) -> telemetry.Telemetry:
    return {
        "apiVersion": "telemetry.istio.io/v1",
        "kind": "Telemetry",
        "metadata": metadata(tenant.name, "telemetry", "default", namespace),
        "spec": spec,
    }
