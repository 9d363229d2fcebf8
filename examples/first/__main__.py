"""One tenant of a mesh: its size, its way in with mutual TLS, its one way out, and who runs workloads in it."""

import pulumi

import tenantmesh as tm

tm.Mesh("mesh", tm.MeshArgs(trust_domain="example.com", dataplane=tm.Dataplane.ISTIO_SIDECAR))

acme = tm.Tenant(
    "acme",
    tm.TenantArgs(
        domain="acme.example.com",
        quota=tm.QuotaArgs(cpu="16", memory="64Gi", pods=200),
        ingress=tm.IngressArgs(
            https_port=443,
            client_tls="mutual",
            certificates=tm.CertificatesArgs(clients=["shop"]),
            replicas=tm.ReplicasArgs(minimum=2, maximum=10),
        ),
        egress=tm.EgressArgs(services=[tm.ExternalServiceArgs(host="api.stripe.com", port=443)]),
        access=[tm.AccessArgs(role="developer", groups=["acme-dev"])],
    ),
)

pulumi.export("acme", acme.endpoint)
