"""Two gateways whose certificates are not tenantmesh's: a Secret that is there already, and one of cert-manager.

No key is made here. The Secret `bank-example-com` holds tls.crt and tls.key in the namespace of its gateway.
"""

import pulumi

import tenantmesh as tm

bank = tm.Tenant(
    "bank",
    tm.TenantArgs(
        domain="bank.example.com",
        ingress=tm.IngressArgs(certificates=tm.CertificatesArgs(secret_name="bank-example-com")),  # noqa: S106  a name
    ),
)

press = tm.Tenant(
    "press",
    tm.TenantArgs(
        ingress=tm.IngressArgs(
            hosts=["press.example.com"],
            certificates=tm.CertificatesArgs(issuer=tm.IssuerArgs(name="letsencrypt", kind="ClusterIssuer")),
        ),
    ),
)

pulumi.export("bank", bank.endpoint)
pulumi.export("press", press.endpoint)
