"""Spans: the collector as the mesh knows it, and what each tenant's proxies send it, in the tenant's own name.

https://istio.io/latest/docs/tasks/observability/distributed-tracing/telemetry-api/ and
https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider-OpenTelemetryTracingProvider
"""

from collections.abc import Mapping
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import networking, telemetry
from tenantmesh.plan.kinds.meta import ObjectMeta
from tenantmesh.spec import labels
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.telemetry import TelemetrySpec
from tenantmesh.spec.tenant import TenantSpec
from tenantmesh.spec.tracing import TracingProtocol, TracingSpec

PROVIDER = "tenantmesh-tracing"
TENANT = "tenant"
"""The attribute of a span that names the tenant, as in the access log and in Prometheus."""
_TIMEOUT = "5s"
_PATH = "/v1/traces"
_SENDING: Mapping[TracingProtocol, Mapping[str, Any]] = {
    TracingProtocol.GRPC: {"grpc": {"timeout": _TIMEOUT}},
    TracingProtocol.HTTP: {"http": {"path": _PATH, "timeout": _TIMEOUT}},
}
# In place of Envoy's own, which has the query in it, and that may hold secrets.
_URL = "%REQ(X-FORWARDED-PROTO)%://%REQ(:AUTHORITY)%%PATH(NQ:ORIG_OR_PATH)%"
_FORBIDDEN = 403


def tracing_settings(mesh: MeshSpec) -> dict[str, Any]:
    """What MeshConfig says of the collector, which nobody uses unless a Telemetry says so."""
    tracing = mesh.telemetry.tracing
    if tracing is None:
        return {}
    service = f"{mesh.control_plane.namespace}/{_host(mesh, tracing)}"
    sent = {"port": tracing.service_port, "service": service, **_SENDING[tracing.protocol]}
    return {"extensionProviders": [{"name": PROVIDER, "opentelemetry": sent}]}


def plan_collector(mesh: MeshSpec) -> list[Body]:
    """The collector by its name, for all proxies; and that no request of a workload is routed to it.

    istiod discovers no Services of its namespace. A proxy's own spans take no route; what a workload sent there by its
    proxy could name any tenant.
    """
    tracing = mesh.telemetry.tracing
    return [_entry(mesh, tracing), _closed(mesh, tracing)] if tracing else []


def is_traced(tenant: TenantSpec) -> bool:
    """Whether its proxies send any spans."""
    return _sampling(tenant) > 0


def tracing_of(tenant: TenantSpec) -> telemetry.TelemetrySpec:
    """What a Telemetry says of spans; nothing where the mesh has no collector."""
    if tenant.mesh.telemetry.tracing is None:
        return {}
    if not is_traced(tenant):
        return {"tracing": [{"disableSpanReporting": True}]}
    one: telemetry.TelemetryTracing = {
        "customTags": {"http.url": {"formatter": {"value": _URL}}, TENANT: {"literal": {"value": tenant.name}}},
        "providers": [{"name": PROVIDER}],
        "randomSamplingPercentage": _sampling(tenant),
    }
    return {"tracing": [one]}


def _sampling(tenant: TenantSpec) -> float:
    tracing = tenant.mesh.telemetry.tracing
    if tracing is None:
        return 0
    own = (tenant.telemetry or TelemetrySpec()).sampling
    return tracing.sampling if own is None else own


def _host(mesh: MeshSpec, tracing: TracingSpec) -> str:
    return f"{tracing.service}.{tracing.namespace}.svc.{mesh.cluster_domain}"


def _meta(mesh: MeshSpec) -> ObjectMeta:
    found = {labels.COMPONENT: "telemetry", labels.MANAGED_BY: labels.MANAGER}
    return {"name": PROVIDER, "namespace": mesh.control_plane.namespace, "labels": found}


def _entry(mesh: MeshSpec, tracing: TracingSpec) -> networking.ServiceEntry:
    protocol = tracing.protocol.value
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": _meta(mesh),
        "spec": {
            "exportTo": ["*"],
            "hosts": [_host(mesh, tracing)],
            "location": "MESH_EXTERNAL",
            "ports": [{"name": protocol, "number": tracing.service_port, "protocol": protocol.upper()}],
            "resolution": "DNS",
        },
    }


def _closed(mesh: MeshSpec, tracing: TracingSpec) -> networking.VirtualService:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": _meta(mesh),
        "spec": {
            "exportTo": ["*"],
            "gateways": ["mesh"],
            "hosts": [_host(mesh, tracing)],
            "http": [{"directResponse": {"status": _FORBIDDEN}}],
        },
    }
