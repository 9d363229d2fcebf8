"""Production: full size, long-lived roots with short-lived leaves, protected against deletion."""

import tenantmesh as tm
from sizes import Size

SIZE = Size(
    quota=tm.QuotaArgs(cpu="16", memory="32Gi", pods=160),
    gateway=tm.ReplicasArgs(minimum=2, maximum=8),
    app=tm.ReplicasArgs(minimum=3, maximum=9),
    validity=tm.ValidityArgs(root=24 * 3650, intermediate=24 * 1095, leaf=24 * 90),
    protect=True,
)
