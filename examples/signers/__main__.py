"""Two tenants of one mesh, each with a certificate authority of its own for its workloads.

Each authority is a signer of CertificateSigningRequests, as a ClusterIssuer of cert-manager can be, named as its
tenant (`pulumi config set --path roots.clinic -- "$(cat root.pem)"`). To the other tenant it is nobody.
"""

import pulumi

import tenantmesh as tm

config = pulumi.Config()
domain, roots = config.require("domain"), config.require_object("roots")
names = {name: f"{domain}/{name}" for name in roots}
signers = [tm.SignerArgs(name=names[name], certificate=root) for name, root in roots.items()]

tm.Mesh("mesh", tm.MeshArgs(domain="example.com", trust=tm.TrustArgs(signers=signers) if signers else tm.TrustArgs()))

for tenant in ("clinic", "pharmacy"):
    settings = tm.SettingsArgs(signer=names[tenant]) if signers else tm.SettingsArgs()
    tm.Tenant(tenant, tm.TenantArgs(ingress=tm.IngressArgs(), settings=settings))
    tm.App(
        f"{tenant}/site",
        tm.AppArgs(
            tenant=tenant,
            image="registry.example.com/site:2",
            ports=[tm.PortArgs(port=8080)],
            routes=[tm.RouteArgs(host=f"{tenant}.example.com")],
        ),
    )
