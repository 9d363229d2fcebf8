"""One of two clusters, each with an authority of its own, where a tenant's workloads call each other across.

Deploy it in both, with the names changed over, and give each the root of the other (`pulumi stack output
rootCertificates`). The alias has the other cluster's `depot` count as this one's; without it the identities are known,
and let in to nothing.
"""

import pulumi

import tenantmesh as tm

config = pulumi.Config()
other, roots = config.require("other"), config.get("roots")

mesh = tm.Mesh(
    "mesh",
    tm.MeshArgs(
        trust_domain=config.require("trustDomain"),
        trust_domain_aliases=[other] if roots else [],
        trust=tm.TrustArgs(
            workload_ca=tm.WorkloadCaArgs(ca=config.require_int("ca"), trusted=config.require_object("trusted")),
            bundles=[tm.TrustBundleArgs(trust_domains=[other], certificates=roots)] if roots else [],
        ),
    ),
)
tm.Tenant("depot", tm.TenantArgs(domain="depot.example.com"))

pulumi.export("rootCertificates", mesh.root_certificates)
