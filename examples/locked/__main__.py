"""A tenant without arguments is locked: nothing comes in, nothing goes out, nobody has a role, its quota is small."""

import pulumi

import tenantmesh as tm

vault = tm.Tenant("vault")

pulumi.export("namespaces", vault.namespaces)
pulumi.export("endpoint", vault.endpoint)  # empty: there is no ingress gateway
