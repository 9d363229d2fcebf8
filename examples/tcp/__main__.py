"""Database, queue and vault behind one HTTPS port: the name in the handshake says which, a certificate who asks.

The database takes the tenant's own clients, the queue those of a partner's authority: `partners-tls` is a Secret of the
user's with tls.crt, tls.key and ca.crt. The vault ends TLS itself.
"""

import tenantmesh as tm

DATABASE, QUEUE, VAULT = (f"{name}.harbor.example.com" for name in ("db", "queue", "vault"))

tm.Mesh("mesh", tm.MeshArgs(domain="example.com"))
tm.Tenant(
    "harbor",
    tm.TenantArgs(
        ingress=tm.IngressArgs(
            client_tls="mutual",
            certificates=tm.CertificatesArgs(
                clients=["backup"],
                tcp={
                    QUEUE: tm.TcpTlsArgs(secret_name="partners-tls"),  # noqa: S106  a name
                    VAULT: tm.TcpTlsArgs(mode="passthrough"),
                },
            ),
        ),
    ),
)
for name, image, port, host in (
    ("database", "postgres:18", tm.PortArgs(port=5432, protocol="tcp"), DATABASE),
    ("queue", "nats:2", tm.PortArgs(port=4222, protocol="tcp"), QUEUE),
    ("vault", "vault:2", tm.PortArgs(port=8200, protocol="tls"), VAULT),
):
    image = f"registry.example.com/{image}"
    routes = [tm.RouteArgs(host=host)]
    tm.App(f"harbor/{name}", tm.AppArgs(tenant="harbor", image=image, ports=[port], routes=routes))
