"""Another team's stack: a tenant of its own by the same component, which is told where a tenant of the main stack is.

The main stack's output is a value of this one's ConfigMap, so what is deployed there is what is used here. Configure
`main` (organization/project/stack) and `output` (an endpoint, or what has one) when the main stack is not the one of
this repository.
"""

import pulumi

import tenantmesh as tm

config = pulumi.Config()
main = pulumi.StackReference(config.get("main") or "organization/tenantmesh/dev")
found = main.require_output(config.get("output") or "tenant1")
books = found.apply(lambda tenant: tenant if isinstance(tenant, str) else tenant["endpoint"])

tm.Tenant("partner")
tm.App(
    "reader",
    tm.AppArgs(
        tenant="partner",
        image="docker.io/nginxinc/nginx-unprivileged:1.29",
        container=tm.ContainerArgs(config={"BOOKS_URL": books}),
    ),
)

pulumi.export("books", books)
