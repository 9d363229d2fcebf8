"""A CA is rotated without a refused request by three runs of `up`, each after a change of the configuration.

1. trusted: [1, 2]   the new root is trusted beside the old one, which still signs
2. ca: 2             the new one signs; clients that still have a certificate of the old one are accepted
3. trusted: [2]      the old one is trusted no more
`leaf: 2` makes new keys for the server and its clients under the same CA.
"""

import pulumi

import tenantmesh as tm

config = pulumi.Config()
epochs = tm.EpochsArgs(
    ca=config.require_int("ca"), trusted=config.require_object("trusted"), leaf=config.require_int("leaf")
)

ledger = tm.Tenant(
    "ledger",
    tm.TenantArgs(
        domain="ledger.example.com",
        ingress=tm.IngressArgs(
            client_tls="mutual", certificates=tm.CertificatesArgs(epochs=epochs, clients=["auditor"])
        ),
    ),
)

pulumi.export("caCertificates", ledger.ca_certificates)
pulumi.export("clientCertificates", ledger.client_certificates)  # secret
