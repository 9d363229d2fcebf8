"""Orders may read the quotes of prices, and nothing else of them: one service, one port, GET, paths under /v1/quotes.

The grant comes before its tenants, whose fences are made with the opening in them. Either half alone opens nothing:
prices lets orders in, orders lets its own pods out.
"""

import pulumi

import tenantmesh as tm

tm.Grant(
    "orders-read-quotes",
    tm.GrantArgs(
        source="orders",
        destination="prices",
        service="quotes",
        ports=[8080],
        methods=["GET"],
        paths=["/v1/quotes/*"],
        reason="an order shows the price of the day",
    ),
)

tm.Tenant("orders")
tm.Tenant("prices")

quotes = tm.App(
    "quotes",
    tm.AppArgs(
        tenant="prices",
        image="docker.io/nginxinc/nginx-unprivileged:1.29",
        ports=[tm.PortArgs(port=80, target=8080)],
    ),
)

pulumi.export("quotes", quotes.host)
