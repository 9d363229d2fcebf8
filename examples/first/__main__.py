"""A tenant of a mesh: its size, its way in by mutual TLS, its one way out, who works in it, and a shop in it."""

import pulumi

import tenantmesh as tm

tm.Mesh("mesh", tm.MeshArgs(trust_domain="example.com", domain="example.com"))

acme = tm.Tenant(
    "acme",
    tm.TenantArgs(
        quota=tm.QuotaArgs(cpu="16", memory="64Gi", pods=200),
        ingress=tm.IngressArgs(
            client_tls="mutual",
            replicas=tm.ReplicasArgs(minimum=2, maximum=10),
            certificates=tm.CertificatesArgs(clients=["partner"]),
        ),
        egress=tm.EgressArgs(services=[tm.ExternalServiceArgs(host="api.stripe.com")]),
        access=[tm.AccessArgs(role="developer", groups=["acme-dev"])],
    ),
)
tm.App(
    "acme/shop",
    tm.AppArgs(
        tenant="acme",
        image="registry.example.com/shop:1.4.2",
        ports=[tm.PortArgs(port=8080)],
        routes=[tm.RouteArgs(host="acme.example.com")],
    ),
)
pulumi.export("acme", acme.endpoint)
