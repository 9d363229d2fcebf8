"""A service from before the mesh, as it is: plain HTTP, no idea of users, behind it a redis without password or TLS.

The tenant's gateway asks its callers for a certificate and a token. Between the service and redis two proxies speak
mutual TLS, and redis is called by the service alone: not by `reports` beside it, and by nobody else in the mesh.
"""

import pulumi

import tenantmesh as tm

HOST = "archive.example.com"

tm.Mesh("mesh", tm.MeshArgs())
archive = tm.Tenant(
    "archive",
    tm.TenantArgs(
        domain=HOST,
        ingress=tm.IngressArgs(client_tls="mutual", certificates=tm.CertificatesArgs(clients=["office"])),
        jwt=[
            tm.JwtArgs(
                issuer="https://id.archive.example.com",
                audiences=["ledger"],
                jwks_uri="https://id.archive.example.com/keys",
            )
        ],
    ),
)
for name, image, port, routes in (
    ("ledger", "ledger:2009", tm.PortArgs(port=80, target=8080), [tm.RouteArgs(host=HOST)]),
    ("redis", "redis:8", tm.PortArgs(port=6379, protocol="tcp", callers=["ledger"]), []),
    ("reports", "reports:3", tm.PortArgs(port=8080), []),
):
    image = f"registry.example.com/{image}"
    tm.App(
        f"archive/{name}",
        tm.AppArgs(tenant="archive", image=image, ports=[port], container=tm.ContainerArgs(user=1000), routes=routes),
    )
pulumi.export("archive", archive.endpoint)
