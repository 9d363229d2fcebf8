"""How requests to an App are told apart, spread over its versions, tried again, delayed and held back."""

from dataclasses import dataclass
from enum import StrEnum

Weights = tuple[tuple[str, int], ...]
"""Versions and the percentage of requests that each gets, in the order of their names; none: all alike."""


class LoadBalancing(StrEnum):
    """How the next pod is chosen; the words are Istio's."""

    LEAST_REQUEST = "LEAST_REQUEST"
    """Of two pods at random, the one with fewer requests under way."""
    ROUND_ROBIN = "ROUND_ROBIN"
    """In turns."""
    RANDOM = "RANDOM"
    """By chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMatch:
    """A condition on a text: its whole, its beginning, or a regular expression; without any, that it is there."""

    exact: str = ""
    prefix: str = ""
    regex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSpec:
    """Conditions that hold together; `path` is to the letter, `prefix` is of whole path segments."""

    path: str = ""
    prefix: str = ""
    methods: tuple[str, ...] = ()
    headers: tuple[tuple[str, TextMatch], ...] = ()
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteSpec:
    """What the App sees in place of the path that was matched, and of the host."""

    path: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectSpec:
    """Where the proxy sends the client in place of the App; empty is as it was asked."""

    path: str = ""
    host: str = ""
    code: int = 302


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriesSpec:
    """How often and when a request is sent again; `per_try_timeout` in milliseconds, 0: what the timeout leaves."""

    attempts: int
    per_try_timeout: int = 0
    on: tuple[str, ...] = ("connect-failure", "refused-stream", "unavailable", "cancelled", "503")


@dataclass(frozen=True, slots=True, kw_only=True)
class DelaySpec:
    """A wait of so many milliseconds before so many percent of the requests."""

    duration: int
    percent: float = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortSpec:
    """A status that the proxy gives to so many percent of the requests."""

    status: int
    percent: float = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpec:
    """Faults on purpose, made by the caller's proxy."""

    delay: DelaySpec | None = None
    abort: AbortSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorSpec:
    """A copy of so many percent of the requests, whose answers nobody gets."""

    version: str
    percent: float = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsSpec:
    """What browsers may do from pages of other origins; `max_age` in milliseconds, 0: as the browser likes."""

    origins: tuple[str, ...]
    methods: tuple[str, ...] = ("GET",)
    headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age: int = 0
    credentials: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """What happens to the requests that one of `match` takes (none: all); `timeout` in milliseconds, 0: no limit."""

    match: tuple[MatchSpec, ...] = ()
    weights: Weights = ()
    rewrite: RewriteSpec | None = None
    redirect: RedirectSpec | None = None
    timeout: int = 0
    retries: RetriesSpec | None = None
    fault: FaultSpec | None = None
    mirror: MirrorSpec | None = None
    cors: CorsSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySpec:
    """One version that takes `percent` of the requests from another."""

    version: str
    percent: int
    stable: str

    @property
    def weights(self) -> Weights:
        """Both versions' shares; one that gets nothing is left out."""
        shares = ((self.stable, 100 - self.percent), (self.version, self.percent))
        return tuple(sorted(share for share in shares if share[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPoolSpec:
    """How much one proxy asks of the App at a time; 0 is no limit but Envoy's, times in milliseconds."""

    max_connections: int = 0
    connect_timeout: int = 0
    max_pending_requests: int = 0
    max_requests: int = 0
    max_requests_per_connection: int = 0
    max_retries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierDetectionSpec:
    """When a pod gets no more requests for a while; times in milliseconds."""

    consecutive_5xx_errors: int = 5
    consecutive_gateway_errors: int = 0
    interval: int = 10_000
    base_ejection_time: int = 30_000
    max_ejection_percent: int = 50
    min_health_percent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistentHashSpec:
    """What in a request decides its pod; `cookie_ttl` in milliseconds, 0: as long as the browser runs."""

    header: str = ""
    cookie: str = ""
    cookie_ttl: int = 0
    query: str = ""
    source_ip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerSpec:
    """How the next pod is chosen; `warmup` in milliseconds, 0: a new pod gets its full share at once."""

    algorithm: LoadBalancing = LoadBalancing.LEAST_REQUEST
    consistent_hash: ConsistentHashSpec | None = None
    warmup: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSpec:
    """All of it; of the rules the first that takes a request decides."""

    rules: tuple[RuleSpec, ...] = ()
    canary: CanarySpec | None = None
    connection_pool: ConnectionPoolSpec | None = None
    outlier_detection: OutlierDetectionSpec | None = None
    load_balancer: LoadBalancerSpec | None = None

    @property
    def all_rules(self) -> tuple[RuleSpec, ...]:
        """The rules, with one that takes what the others left."""
        return self.rules if self.rules and not self.rules[-1].match else (*self.rules, RuleSpec())

    def weights(self, rule: RuleSpec) -> Weights:
        """The versions' shares under a rule: its own, else the canary's."""
        return rule.weights or (self.canary.weights if self.canary else ())
