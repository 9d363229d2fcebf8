"""The gateway of shop asks for a token of its own issuer: anybody's opens the pages, an admin's the administration too.

No request without a token gets in, whatever the tenant allows itself. The App reads who it is in the header x-user.
"""

import pulumi

import tenantmesh as tm

shop = tm.Tenant(
    "shop",
    tm.TenantArgs(
        domain="shop.example.com",
        ingress=tm.IngressArgs(),
        jwt=[
            tm.JwtArgs(
                issuer="https://id.shop.example.com",
                audiences=["shop"],
                jwks_uri="https://id.shop.example.com/keys",
                claim_headers={"x-user": "sub"},
                allow=[
                    tm.TokenRuleArgs(paths=["/", "/pages/*"], methods=["GET"]),
                    tm.TokenRuleArgs(paths=["/admin/*"], claims={"realm_access[roles]": ["admin"]}),
                ],
            )
        ],
    ),
)
tm.App(
    "web",
    tm.AppArgs(
        tenant="shop",
        image="docker.io/nginxinc/nginx-unprivileged:1.29",
        ports=[tm.PortArgs(port=8080)],
        routes=[tm.RouteArgs(host="shop.example.com", paths=["/"])],
    ),
)
pulumi.export("shop", shop.endpoint)
