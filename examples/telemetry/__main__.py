"""A tenant whose traffic is counted: rules for Prometheus, a dashboard, a Kiali's scope, and only errors in its log."""

import tenantmesh as tm

tm.Mesh(
    "mesh",
    tm.MeshArgs(domain="example.com", telemetry=tm.MeshTelemetryArgs(access_log="json", namespace="monitoring")),
)
tm.Tenant(
    "studio",
    tm.TenantArgs(
        ingress=tm.IngressArgs(replicas=tm.ReplicasArgs(minimum=1)),
        settings=tm.SettingsArgs(telemetry=tm.TelemetryArgs(access_log="errors", window_minutes=10)),
    ),
)
tm.App(
    "studio/render",
    tm.AppArgs(
        tenant="studio",
        image="registry.example.com/render:2.1.0",
        ports=[tm.PortArgs(port=8080)],
        routes=[tm.RouteArgs(host="studio.example.com")],
    ),
)
