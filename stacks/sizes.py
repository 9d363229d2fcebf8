"""What may differ between environments, and nothing else."""

from dataclasses import dataclass

import tenantmesh as tm


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large, how protected and how certified the tenants of one environment are."""

    quota: tm.QuotaArgs
    gateway: tm.ReplicasArgs
    app: tm.ReplicasArgs
    validity: tm.ValidityArgs
    protect: bool
