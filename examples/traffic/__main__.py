"""A new version takes over step by step, testers see it first, and what is slow or fails holds nobody up.

`pulumi config set canary 25` gives v2 a quarter of the requests, 100 promotes it, 0 rolls it back.
"""

import pulumi

import tenantmesh as tm

IMAGE = "registry.example.com/kitchen"

tm.Mesh("mesh", tm.MeshArgs(domain="example.com"))
tm.Tenant("diner", tm.TenantArgs(ingress=tm.IngressArgs(client_tls="simple")))
tm.App(
    "kitchen",
    tm.AppArgs(
        tenant="diner",
        versions=[tm.VersionArgs(name=name, image=f"{IMAGE}:{name}") for name in ("v1", "v2")],
        ports=[tm.PortArgs(port=8080)],
        replicas=tm.ReplicasArgs(minimum=2),
        routes=[tm.RouteArgs(host="diner.example.com")],
        traffic=tm.TrafficArgs(
            canary=tm.CanaryArgs(version="v2", percent=pulumi.Config().get_int("canary") or 0),
            rules=[
                tm.RuleArgs(match=[tm.MatchArgs(headers={"x-tester": {}})], weights={"v2": 100}),
                tm.RuleArgs(match=[tm.MatchArgs(prefix="/dishes")], rewrite=tm.RewriteArgs(path="/api/dishes")),
                tm.RuleArgs(
                    timeout="5s",
                    retries=tm.RetriesArgs(attempts=2, per_try_timeout="2s", on=["gateway-error", "reset"]),
                    cors=tm.CorsArgs(origins=["https://menu.example.com"], methods=["GET", "POST"]),
                ),
            ],
            connection_pool=tm.ConnectionPoolArgs(max_pending_requests=100, max_requests=200),
            outlier_detection=tm.OutlierDetectionArgs(consecutive_5xx_errors=5, max_ejection_percent=50),
        ),
    ),
)
