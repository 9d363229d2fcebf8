"""People log in at the gateway of theatre with OpenID Connect; programs bring tokens of the same issuer of their own.

A login opens nothing by itself: it brings a token, which is asked for and judged as any. The gateway exchanges codes
for tokens by way of the egress gateway, which alone leaves the cluster and goes to the provider for nobody else.
"""

import pulumi

import tenantmesh as tm

ISSUER = "https://id.example.org"
theatre = tm.Tenant(
    "theatre",
    tm.TenantArgs(
        domain="theatre.example.com",
        ingress=tm.IngressArgs(),
        egress=tm.EgressArgs(
            services=[
                tm.ExternalServiceArgs(host="id.example.org", protocol="https", service_accounts=["theatre-ingress"])
            ]
        ),
        jwt=[
            tm.JwtArgs(
                issuer=ISSUER,
                audiences=["theatre"],
                jwks_uri=f"{ISSUER}/keys",
                claim_headers={"x-user": "sub"},
                login=tm.LoginArgs(
                    authorization_endpoint=f"{ISSUER}/auth",
                    token_endpoint=f"{ISSUER}/token",
                    client_id="theatre",
                    client_secret=pulumi.Config().require_secret("clientSecret"),
                ),
            )
        ],
    ),
)
pulumi.export("theatre", theatre.endpoint)
