"""Development: small, short-lived certificates, free to be deleted."""

import tenantmesh as tm
from sizes import Size

SIZE = Size(
    quota=tm.QuotaArgs(cpu="4", memory="8Gi", pods=40),
    gateway=tm.ReplicasArgs(minimum=1, maximum=2),
    app=tm.ReplicasArgs(minimum=1),
    validity=tm.ValidityArgs(root=24 * 90, intermediate=24 * 60, leaf=24 * 30),
    protect=False,
)
