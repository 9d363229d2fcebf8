"""Customers come from the public network, operations from the corporate one, and each has gateways of its own for it.

`store` is open to everybody and calls a payment service. `office` answers the corporate network only, asks for
certificates, and calls hosts of that network only. One grant lets its App `support` call the store's orders.
"""

import tenantmesh as tm

CORPORATE = ["203.0.113.0/24"]

tm.Mesh("mesh", tm.MeshArgs())
support = tm.GrantArgs(source="office", destination="store", service="orders", ports=[8080], reason="support")
support["service_accounts"] = ["support"]
tm.Grant("support-calls-orders", support)
tm.Tenant(
    "store",
    tm.TenantArgs(
        domain="store.example.com",
        ingress=tm.IngressArgs(),
        egress=tm.EgressArgs(services=[tm.ExternalServiceArgs(host="api.payments.example")]),
    ),
)
tm.Tenant(
    "office",
    tm.TenantArgs(
        domain="office.example.com",
        ingress=tm.IngressArgs(
            client_tls="mutual",
            certificates=tm.CertificatesArgs(clients=["desk"]),
            service=tm.ServiceArgs(source_ranges=CORPORATE),
        ),
        egress=tm.EgressArgs(
            services=[tm.ExternalServiceArgs(host="ledger.corp.example")], destination_ranges=CORPORATE
        ),
    ),
)
for tenant, name in (("store", "orders"), ("office", "support")):
    image, ports = f"registry.example.com/{name}:1", [tm.PortArgs(port=8080)]
    routes = [tm.RouteArgs(host=f"{tenant}.example.com")]
    tm.App(f"{tenant}/{name}", tm.AppArgs(tenant=tenant, image=image, ports=ports, routes=routes))
