"""How many requests a tenant's ingress gateway lets through in a time, by path."""

from dataclasses import dataclass
from enum import StrEnum

from tenantmesh.spec.gateway import ResourcesSpec
from tenantmesh.spec.quota import MEBIBYTE


class RateUnit(StrEnum):
    """The time in which requests are counted."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


SECONDS = {RateUnit.SECOND: 1, RateUnit.MINUTE: 60, RateUnit.HOUR: 3600, RateUnit.DAY: 86400}
"""The length of each unit."""


class RateScope(StrEnum):
    """Who counts, as Envoy and Istio call it."""

    LOCAL = "local"
    """Each pod of the gateway for itself."""
    GLOBAL = "global"
    """All pods of the gateway together, by a service that they ask."""


class FailureMode(StrEnum):
    """What happens to requests while the service that counts does not answer."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitSpec:
    """One limit; `path` is a prefix in whole segments, "/" every path. `header` "" counts all requests together."""

    requests: int
    path: str = "/"
    per: RateUnit = RateUnit.SECOND
    scope: RateScope = RateScope.LOCAL
    header: str = ""
    on_failure: FailureMode = FailureMode.ALLOW

    @property
    def name(self) -> str:
        """What is counted, in words: two limits of one scope and name would count the same."""
        by = f" by {self.header}" if self.header else ""
        return f"{self.path} per {self.per.value}{by}"


COUNTER = ResourcesSpec(cpu=20, memory=64 * MEBIBYTE, cpu_limit=500, memory_limit=128 * MEBIBYTE)
"""What each of the two containers of the service that counts asks for and may use."""

_SIDECAR = ResourcesSpec(cpu=20, memory=64 * MEBIBYTE, cpu_limit=500, memory_limit=256 * MEBIBYTE)
_PARTS = (COUNTER, COUNTER, _SIDECAR)

COUNTING_AMOUNTS = (
    sum(part.cpu for part in _PARTS),
    sum(part.cpu_limit for part in _PARTS),
    sum(part.memory_limit for part in _PARTS),
    0,
    1,
)
"""What its one pod takes of a quota, its sidecar as a Mesh bounds it; in the order of `QuotaSpec.amounts`."""
