"""Staging: as production, at half its size and free to be deleted."""

import tenantmesh as tm
from sizes import Size

SIZE = Size(
    quota=tm.QuotaArgs(cpu="8", memory="16Gi", pods=80),
    gateway=tm.ReplicasArgs(minimum=2, maximum=4),
    app=tm.ReplicasArgs(minimum=2),
    validity=tm.ValidityArgs(root=24 * 365, intermediate=24 * 180, leaf=24 * 60),
    protect=False,
)
