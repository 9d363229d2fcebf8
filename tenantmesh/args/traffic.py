"""What a user writes about requests to an App: where they go, how often they are tried, and what holds them back."""

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from tenantmesh.spec.traffic import LoadBalancing

if TYPE_CHECKING:
    LoadBalancingName = LoadBalancing | Literal["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM"]
else:
    LoadBalancingName = LoadBalancing


class TextMatchArgs(TypedDict):
    """A condition on a header that is there. Without a field: whatever it says."""

    exact: NotRequired[str]
    """Its whole value. Default: any."""
    prefix: NotRequired[str]
    """The beginning of its value. Default: any."""
    regex: NotRequired[str]
    """An expression (RE2) for its whole value. Default: any."""


class MatchArgs(TypedDict):
    """Which requests: all that is given has to hold."""

    path: NotRequired[str]
    """The URL path to the letter. Default: any."""
    prefix: NotRequired[str]
    """The URL path's beginning, in whole segments: `/api` is `/api` and all under `/api/`. Default: any."""
    methods: NotRequired[list[str]]
    """HTTP methods, any of them. Default: all."""
    headers: NotRequired[dict[str, TextMatchArgs]]
    """Headers by name. Default: any."""
    query: NotRequired[dict[str, str]]
    """Parameters of the URL's query by name, to the letter. Default: any."""


class RewriteArgs(TypedDict):
    """What the App sees in place of what was asked."""

    path: NotRequired[str]
    """In place of the path or prefix of the match that holds; what follows the prefix stays. Default: as asked."""
    host: NotRequired[str]
    """The Host header. Default: as asked."""


class RedirectArgs(TypedDict):
    """Where the proxy sends the client. The App gets nothing."""

    path: NotRequired[str]
    """The whole path. Default: as asked."""
    host: NotRequired[str]
    """The host. Default: as asked."""
    code: NotRequired[int]
    """The status: 301, 302, 303, 307 or 308. Default: 302."""


class RetriesArgs(TypedDict):
    """How often and when a request is sent again by the caller's proxy, to another pod where there is one."""

    attempts: int
    """How often at most, after the first time; 0: never."""
    per_try_timeout: NotRequired[str]
    """How long each may take, as 500ms. Default: what the rule's timeout leaves."""
    on: NotRequired[list[str]]
    """After what: conditions of Envoy (5xx, gateway-error, reset, connect-failure, …) and statuses, as 503.
    Default: connect-failure, refused-stream, unavailable, cancelled, 503, as Istio does without being told."""


class DelayArgs(TypedDict):
    """Requests that wait on purpose."""

    duration: str
    """How long, as 2s."""
    percent: NotRequired[float]
    """How many of them. Default: 100."""


class AbortArgs(TypedDict):
    """Requests that fail on purpose."""

    status: int
    """The HTTP status that they get (200-599)."""
    percent: NotRequired[float]
    """How many of them. Default: 100."""


class FaultArgs(TypedDict):
    """Faults on purpose. The caller's proxy makes them, so that the App itself knows nothing of an abort."""

    delay: NotRequired[DelayArgs]
    """Those that wait. Default: none."""
    abort: NotRequired[AbortArgs]
    """Those that fail. Default: none."""


class MirrorArgs(TypedDict):
    """A copy for another version, whose answers nobody gets."""

    version: str
    """The version that gets the copies."""
    percent: NotRequired[float]
    """Of how many requests. Default: 100."""


class CorsArgs(TypedDict):
    """What browsers may do from pages of other origins; the proxy answers their preflight requests."""

    origins: list[str]
    """Origins to the letter, as https://shop.example.com."""
    methods: NotRequired[list[str]]
    """HTTP methods. Default: GET."""
    headers: NotRequired[list[str]]
    """Request headers. Default: those that browsers always may send."""
    expose_headers: NotRequired[list[str]]
    """Response headers that a page may read. Default: those that pages always may read."""
    max_age: NotRequired[str]
    """How long browsers may remember this, as 1h. Default: as they like."""
    credentials: NotRequired[bool]
    """Whether cookies and the like may be sent. Default: no."""


class RuleArgs(TypedDict):
    """What happens to some requests, by the ingress gateway or from workloads that call the Service."""

    match: NotRequired[list[MatchArgs]]
    """Which: those that one of these takes. Default: all that no rule before has taken."""
    weights: NotRequired[dict[str, int]]
    """Versions and their percentages, 100 together. Default: the canary's, else each as it has pods."""
    rewrite: NotRequired[RewriteArgs]
    """What the App sees in place of path and host. Default: what was asked."""
    redirect: NotRequired[RedirectArgs]
    """Where the client is sent instead; nothing else may stand beside. Default: nowhere."""
    timeout: NotRequired[str]
    """How long all tries together may take, as 2s; then the client gets 504. Default: no limit."""
    retries: NotRequired[RetriesArgs]
    """When requests are sent again. Default: as Istio does, twice when a pod couldn't be reached."""
    fault: NotRequired[FaultArgs]
    """Faults on purpose. Default: none."""
    mirror: NotRequired[MirrorArgs]
    """A copy for another version. Default: none."""
    cors: NotRequired[CorsArgs]
    """What pages of other origins may do. Default: what the App itself says."""


class CanaryArgs(TypedDict):
    """A version that takes over step by step. Percent 100 promotes it, percent 0 rolls it back."""

    version: str
    """The new version."""
    percent: int
    """Its share of the requests (0-100)."""
    stable: NotRequired[str]
    """The version that has the rest. Default: the App's other version, where there are two."""


class ConnectionPoolArgs(TypedDict):
    """How much each proxy asks of the App at a time. What is over that gets 503 at once: the circuit is open."""

    max_connections: NotRequired[int]
    """Connections to all pods together; with HTTP/2 one carries many requests. Default: 4294967295."""
    connect_timeout: NotRequired[str]
    """How long a connection may take to open, as 3s. Default: 10s."""
    max_pending_requests: NotRequired[int]
    """Requests that wait for a connection. Default: 4294967295."""
    max_requests: NotRequired[int]
    """Requests that are under way. Default: 4294967295."""
    max_requests_per_connection: NotRequired[int]
    """Requests after which a connection is closed. Default: no limit."""
    max_retries: NotRequired[int]
    """Retries that are under way. Default: 4294967295."""


class OutlierDetectionArgs(TypedDict):
    """When a pod gets no more requests for a while, as each proxy sees it."""

    consecutive_5xx_errors: NotRequired[int]
    """Failures in a row that count, connections that broke among them; 0: they don't. Default: 5."""
    consecutive_gateway_errors: NotRequired[int]
    """Answers 502, 503, 504 and broken connections in a row that count; 0: they don't. Default: 0."""
    interval: NotRequired[str]
    """How often pods are let back, as 5s. Default: 10s."""
    base_ejection_time: NotRequired[str]
    """How long a pod is left out, times how often it has been. Default: 30s."""
    max_ejection_percent: NotRequired[int]
    """The most of the pods that are left out at a time; of three, 33 lets none be, 34 one. Default: 50."""
    min_health_percent: NotRequired[int]
    """With fewer pods than that left, all get requests. Default: 0."""


class ConsistentHashArgs(TypedDict):
    """What in a request decides its pod, so that equal requests go to one pod; give one."""

    header: NotRequired[str]
    """A request header. Default: none."""
    cookie: NotRequired[str]
    """A cookie, which the proxy sets where it is missing. Default: none."""
    cookie_ttl: NotRequired[str]
    """How long the cookie lives, as 1h. Default: as long as the browser runs."""
    query: NotRequired[str]
    """A parameter of the URL's query. Default: none."""
    source_ip: NotRequired[bool]
    """The caller's address. Default: no."""


class LoadBalancerArgs(TypedDict):
    """How the next pod is chosen."""

    algorithm: NotRequired[LoadBalancingName]
    """LEAST_REQUEST, ROUND_ROBIN or RANDOM. Default: LEAST_REQUEST."""
    consistent_hash: NotRequired[ConsistentHashArgs]
    """What in the request decides, in place of an algorithm. Default: nothing."""
    warmup: NotRequired[str]
    """How long a new pod's share grows, as 1m; not with consistent_hash. Default: it has all at once."""


class TrafficArgs(TypedDict):
    """What proxies do with requests to an App's HTTP ports; the limits are for its other ports too."""

    rules: NotRequired[list[RuleArgs]]
    """Rules in order; the first that takes a request decides. Default: none, all requests are treated alike."""
    canary: NotRequired[CanaryArgs]
    """A version that takes over step by step, wherever no rule has weights. Default: none."""
    connection_pool: NotRequired[ConnectionPoolArgs]
    """The circuit breaker's limits. Default: Envoy's, which are none."""
    outlier_detection: NotRequired[OutlierDetectionArgs]
    """When failing pods are left out. Default: never."""
    load_balancer: NotRequired[LoadBalancerArgs]
    """How the next pod is chosen. Default: by fewest requests under way."""
