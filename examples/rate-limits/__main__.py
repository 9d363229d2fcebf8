"""A bazaar that lets so many requests through: each gateway pod for itself, and searches by all of them together.

Whom a search counts for says the token, whose claim the gateway writes into a header that clients can't write.
"""

import tenantmesh as tm

ISSUER = "https://id.example.org"
tm.Mesh("mesh", tm.MeshArgs(domain="example.com"))
tm.Tenant(
    "bazaar",
    tm.TenantArgs(
        ingress=tm.IngressArgs(replicas=tm.ReplicasArgs(minimum=2)),
        jwt=[
            tm.JwtArgs(issuer=ISSUER, audiences=["bazaar"], jwks_uri=f"{ISSUER}/keys", claim_headers={"x-user": "sub"})
        ],
        rate_limits=[
            tm.RateLimitArgs(requests=200),
            tm.RateLimitArgs(path="/search", requests=30, per="minute", scope="global", header="x-user"),
            tm.RateLimitArgs(path="/orders", requests=1000, per="hour", scope="global", on_failure="deny"),
        ],
    ),
)
tm.App(
    "bazaar/web",
    tm.AppArgs(
        tenant="bazaar",
        image="registry.example.com/bazaar:1.4.0",
        ports=[tm.PortArgs(port=8080)],
        routes=[tm.RouteArgs(host="bazaar.example.com")],
    ),
)
