"""What a user writes about how many requests a tenant's ingress gateway lets through."""

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from tenantmesh.spec.rate_limits import FailureMode, RateScope, RateUnit

if TYPE_CHECKING:
    RateScopeName = RateScope | Literal["local", "global"]
    RateUnitName = RateUnit | Literal["second", "minute", "hour", "day"]
    FailureModeName = FailureMode | Literal["allow", "deny"]
else:
    RateScopeName = RateScope
    RateUnitName = RateUnit
    FailureModeName = FailureMode


class RateLimitArgs(TypedDict):
    """So many requests in a time to the tenant's ingress gateway; further ones are answered with 429."""

    requests: int
    """How many requests: of those that a client may make at all, each counts for every limit that its path is under."""
    per: NotRequired[RateUnitName]
    """The time in which they are counted: second, minute, hour or day. Default: second."""
    path: NotRequired[str]
    """The URL path's beginning, in whole segments: `/api` is `/api` and all under `/api/`. Default: /, every path."""
    scope: NotRequired[RateScopeName]
    """local: each pod of the gateway counts for itself, so that the tenant gets as much more as there are pods; global:
    they share one count, which a service in the gateway's namespace keeps. Default: local."""
    header: NotRequired[str]
    """With scope global: each value of this request header has a count of its own, and requests without it have one
    together. Clients may write what they like into a header, unless the gateway sets it (`claim_headers` of JwtArgs).
    Default: all requests have one count."""
    on_failure: NotRequired[FailureModeName]
    """With scope global, while the service does not answer: allow lets requests through uncounted, deny answers them
    with 503. Default: allow."""
