"""A tenant that customers and staff reach, and that calls either network, through gateways for one network each.

`ingress` is open to everybody. `staff` answers the corporate network only, and asks for certificates that no other
gateway takes. Both have the tenant's hosts; the routes of an App say which of them open it, and the other one answers
404. The corporate network's DNS leads its clients to the gateway `staff`. What is called outside leaves by one egress
gateway, and the hosts of the corporate network by another, which is for the Apps of staff and reaches nothing else.
"""

import tenantmesh as tm

CORPORATE, FEW = ["203.0.113.0/24"], tm.ReplicasArgs(minimum=1, maximum=2)

tm.Mesh("mesh", tm.MeshArgs())
tm.Tenant(
    "mart",
    tm.TenantArgs(
        domain="mart.example.com",
        ingress=tm.IngressArgs(replicas=tm.ReplicasArgs(minimum=1, maximum=4)),
        ingresses={
            "staff": tm.IngressArgs(
                client_tls="mutual",
                certificates=tm.CertificatesArgs(clients=["till"]),
                service=tm.ServiceArgs(source_ranges=CORPORATE),
                replicas=FEW,
            )
        },
        egress=tm.EgressArgs(
            services=[
                tm.ExternalServiceArgs(host="api.cards.example"),
                tm.ExternalServiceArgs(host="ledger.hq.example", gateway="corporate", service_accounts=["stock"]),
            ],
            gateways={"corporate": tm.EgressGatewayArgs(destination_ranges=CORPORATE, replicas=FEW)},
            replicas=FEW,
        ),
    ),
)
for name, gateways in (("shop", ["ingress"]), ("stock", ["staff"]), ("help", ["ingress", "staff"])):
    image, ports = f"registry.example.com/{name}:1", [tm.PortArgs(port=8080)]
    routes = [tm.RouteArgs(host="mart.example.com", paths=[f"/{name}"], ingresses=gateways)]
    tm.App(f"mart/{name}", tm.AppArgs(tenant="mart", image=image, ports=ports, routes=routes))
