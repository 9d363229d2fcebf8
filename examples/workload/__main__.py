"""A shop in two versions behind one Service, with settings, a password, probes, an autoscaler and two routes.

The password is random, made once, and secret in state and output; it reaches the pods by a Secret.
"""

import pulumi_random as random

import tenantmesh as tm

IMAGE = "docker.io/nginxinc/nginx-unprivileged"

tm.Tenant(
    "market", tm.TenantArgs(domain="market.example.com", ingress=tm.IngressArgs(replicas=tm.ReplicasArgs(minimum=1)))
)

tm.App(
    "shop",
    tm.AppArgs(
        tenant="market",
        versions=[
            tm.VersionArgs(name="v1", image=f"{IMAGE}:1.28", replicas=tm.ReplicasArgs(minimum=2, maximum=6)),
            tm.VersionArgs(name="v2", image=f"{IMAGE}:1.29", env={"NEW_CART": "yes"}),
        ],
        ports=[tm.PortArgs(port=80, target=8080)],
        container=tm.ContainerArgs(
            config={"CURRENCY": "EUR"},
            secrets={"DATABASE_PASSWORD": random.RandomPassword("database", length=24).result},
            probes=tm.ProbesArgs(readiness=tm.ProbeArgs(path="/"), liveness=tm.ProbeArgs(path="/", period=30)),
            resources=tm.ResourcesArgs(cpu="100m", memory="64Mi", memory_limit="128Mi"),
        ),
        routes=[tm.RouteArgs(host="market.example.com", paths=["/cart"], exact_paths=["/"])],
    ),
)
