"""Three tenants of one project reach one another's workloads; a fourth, which is in no project, reaches none of them.

Every member names the others: a tenant that nobody names is not let in by naming itself.
"""

import tenantmesh as tm

MEMBERS = ["catalog", "checkout", "search"]

for name in MEMBERS:
    others = [member for member in MEMBERS if member != name]
    project = tm.ProjectArgs(name="storefront", tenants=others)
    tm.Tenant(name, tm.TenantArgs(sharing=tm.SharingArgs(project=project)))

tm.Tenant("stranger")
