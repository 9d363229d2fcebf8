"""One tenant in four namespaces: its home, one for databases, one for jobs, and one for the gateway and its keys.

The quota is the whole tenant's. `db` and `jobs` take the shares that they name, the gateway's namespace what its pods
need, the home namespace what is left. No role may run pods beside the gateway, so nobody reads its keys there; an
admin changes how it listens and scales, and no more.
"""

import pulumi

import tenantmesh as tm

labs = tm.Tenant(
    "labs",
    tm.TenantArgs(
        domain="labs.example.com",
        quota=tm.QuotaArgs(cpu="16", memory="32Gi", pods=80),
        namespaces=[
            tm.NamespaceArgs(name="db", quota=tm.QuotaArgs(cpu="4", memory="16Gi", pods=10)),
            tm.NamespaceArgs(name="jobs", quota=tm.QuotaArgs(cpu="2", memory="4Gi", pods=20)),
        ],
        ingress=tm.IngressArgs(replicas=tm.ReplicasArgs(minimum=2)),
        access=[tm.AccessArgs(role="admin", groups=["labs-admins"])],
        settings=tm.SettingsArgs(gateway_namespace="gateway"),
    ),
)

pulumi.export("namespaces", labs.namespaces)
