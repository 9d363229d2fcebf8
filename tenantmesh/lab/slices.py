"""What an EndpointSlice says: of which Service it is, and which of its endpoints are ready."""

from collections.abc import Iterator, Mapping
from typing import Any

_NAME = "kubernetes.io/service-name"


def service_of(one: Mapping[str, Any]) -> str | None:
    """The name of the Service in the slice's namespace; None of one that is nobody's or not of IPv4 addresses."""
    return one["metadata"].get("labels", {}).get(_NAME) if one["addressType"] == "IPv4" else None


def ready_endpoints(one: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those that are ready, as an endpoint of which nothing is said is too."""
    return (each for each in one.get("endpoints") or [] if each.get("conditions", {}).get("ready", True))
