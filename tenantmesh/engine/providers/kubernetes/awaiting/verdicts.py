"""What a readiness rule says of a live object."""

from msgspec import Struct

from tenantmesh.engine.providers.kubernetes.bodies import Body
from tenantmesh.errors import ProviderError


class Ready(Struct, frozen=True):
    """The object does what it was made for."""


class Waiting(Struct, frozen=True):
    """The object is not ready yet; `reason` says what is missing."""

    reason: str


class Failed(Struct, frozen=True):
    """The object will not become ready by itself."""

    reason: str


Verdict = Ready | Waiting | Failed


class NotReadyError(ProviderError):
    """An object exists and is not ready; `live` is how it was last seen."""

    def __init__(self, live: Body, reasons: tuple[str, ...]) -> None:
        self.live = live
        self.reasons = reasons
        super().__init__("; ".join(reasons))


def condition(live: Body, type_: str) -> Body:
    """The condition of this type in an object's status, or an empty one."""
    status = live.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return next((one for one in conditions or () if one.get("type") == type_), {})


def is_true(live: Body, type_: str) -> bool:
    """Whether a condition holds."""
    return condition(live, type_).get("status") == "True"


def describe(one: Body) -> str:
    """A condition in words: `[reason] message`."""
    return " ".join(
        part for part in (f"[{one['reason']}]" if one.get("reason") else "", one.get("message", "")) if part
    )


def is_observed(live: Body) -> bool:
    """Whether the object's controller has seen its newest specification, as far as it says so."""
    observed = (live.get("status") or {}).get("observedGeneration")
    return observed is None or observed >= (live.get("metadata") or {}).get("generation", 0)
