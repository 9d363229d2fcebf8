"""When a certificate is ready for renewal, in a plan and on a refresh."""

from datetime import UTC, datetime, timedelta

from tenantmesh.engine.providers.bridged.schema import is_known
from tenantmesh.engine.values import UNKNOWN, Properties
from tenantmesh.errors import ProviderError


def plan_renewal(planned: Properties, _config: Properties, _prior: Properties | None) -> frozenset[str]:
    """A certificate whose renewal has come is replaced; one that is never valid is born ready."""
    hours, early = planned.get("validityPeriodHours"), planned.get("earlyRenewalHours")
    # An unknown period counts as zero, as in the real provider: the preview then says true.
    if not is_known(hours) or hours == 0 or (is_known(early) and early >= hours):
        planned["readyForRenewal"] = True
    if _is_due(planned):
        planned["readyForRenewal"] = UNKNOWN
        return frozenset({"readyForRenewal"})
    return frozenset()


def refresh_renewal(outputs: Properties) -> Properties:
    """The outputs with `readyForRenewal` true once the time has come."""
    return {**outputs, "readyForRenewal": True} if _is_due(outputs) else outputs


def _is_due(values: Properties) -> bool:
    end, early = values.get("validityEndTime"), values.get("earlyRenewalHours", 0)
    if not is_known(end) or not is_known(early):
        return False
    try:
        return datetime.fromisoformat(str(end)) - timedelta(hours=early) <= datetime.now(UTC)
    except (ValueError, TypeError):
        raise ProviderError("validityEndTime in the state is no RFC 3339 time; restore the state") from None
    except OverflowError:
        return True
