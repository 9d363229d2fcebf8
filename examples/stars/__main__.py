"""The stars demo: a user interface that sees all, a client that calls a frontend, and a backend behind it.

`stage: open` makes all tenants one project, `denied` lets nobody in, and `allowed` has a grant for each edge.
Frontend and backend are of one tenant, inside which everything is open.
"""

import pulumi

import tenantmesh as tm

PORTS = {"client": 9000, "frontend": 8080, "backend": 6379}
HOMES = {"client": "client", "frontend": "stars", "backend": "stars"}
TENANTS = ["management-ui", "client", "stars"]
EDGES = [*(("management-ui", service) for service in PORTS), ("client", "frontend")]

stage = pulumi.Config().require("stage")
if stage not in ("open", "denied", "allowed"):
    raise ValueError(f"stage: {stage} is none of open, denied, allowed")

for caller, service in EDGES if stage == "allowed" else []:
    edge = tm.GrantArgs(
        source=caller,
        destination=HOMES[service],
        service=service,
        ports=[PORTS[service]],
        reason=f"{caller} shows or calls {service}",
    )
    tm.Grant(f"{caller}-{service}", edge)

for name in TENANTS:
    project = tm.ProjectArgs(name="stars", tenants=[other for other in TENANTS if other != name])
    sharing = tm.SharingArgs(project=project) if stage == "open" else tm.SharingArgs()
    tm.Tenant(name, tm.TenantArgs(sharing=sharing))

IMAGE = "docker.io/nginxinc/nginx-unprivileged:1.29"
for service, port in PORTS.items():
    tm.App(service, tm.AppArgs(tenant=HOMES[service], image=IMAGE, ports=[tm.PortArgs(port=port)]))
