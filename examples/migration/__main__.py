"""A service moves into the mesh before all of its callers do.

`orders` speaks mutual TLS with everybody who has a sidecar. The tenant's nightly jobs, from before the mesh, have none:
until its last day `orders` takes plain text from them on one port. With `lastDay` empty it is strict, as all else is.
"""

import pulumi

import tenantmesh as tm

last_day = pulumi.Config().get("lastDay")

tm.Mesh("mesh", tm.MeshArgs())
jobs = tm.PermissiveArgs(
    service="orders", ports=[8080], until=last_day or "", reason="the nightly jobs get sidecars in spring"
)
freight = tm.Tenant("freight", tm.TenantArgs(settings=tm.SettingsArgs(permissive=[jobs] if last_day else [])))
for name in ("orders", "shop"):
    tm.App(
        f"freight/{name}",
        tm.AppArgs(
            tenant="freight",
            image=f"registry.example.com/{name}:1",
            ports=[tm.PortArgs(port=80, target=8080), tm.PortArgs(port=9090)],
        ),
    )
pulumi.export("freight", freight.namespaces)
