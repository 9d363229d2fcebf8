"""Spans to one collector of the cluster: of each request in one tenant, of none in the other."""

import tenantmesh as tm

tm.Mesh(
    "mesh",
    tm.MeshArgs(
        domain="example.com",
        telemetry=tm.MeshTelemetryArgs(
            tracing=tm.TracingArgs(service="collector", namespace="tracing", pod_labels={"app": "collector"}),
        ),
    ),
)
for tenant, sampling in {"cinema": 100, "museum": 0}.items():
    tm.Tenant(
        tenant,
        tm.TenantArgs(
            ingress=tm.IngressArgs(client_tls="simple", replicas=tm.ReplicasArgs(minimum=1)),
            settings=tm.SettingsArgs(telemetry=tm.TelemetryArgs(sampling=sampling)),
        ),
    )
    tm.App(
        f"{tenant}/films",
        tm.AppArgs(
            tenant=tenant,
            image="registry.example.com/films:1.4.0",
            ports=[tm.PortArgs(port=8080)],
            routes=[tm.RouteArgs(host=f"{tenant}.example.com")],
        ),
    )
