"""Reads what holds an App's callers back: connection pool, outlier detection, load balancing."""

import re
from typing import Any

from tenantmesh.args.parse.choices import DURATION, one_of
from tenantmesh.args.parse.fields import COUNT, POSITIVE, TEXT
from tenantmesh.args.parse.readers import boolean, choice, integer, record, text
from tenantmesh.spec.traffic import (
    ConnectionPoolSpec,
    ConsistentHashSpec,
    LoadBalancerSpec,
    LoadBalancing,
    OutlierDetectionSpec,
)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def token_problem(value: str) -> str:
    """Why a text is no name of a header, or ""."""
    return "" if _TOKEN.fullmatch(value) else f"{value!r} is not the name of a header"


def _warmup_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    wrong = [key for key in ("algorithm", "warmup") if key in found and "consistent_hash" in found]
    return [(key, "can't stand beside consistent_hash: leave one out") for key in wrong]


def _ttl_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [("cookie_ttl", "is of no cookie: name it")] if found.get("cookie_ttl") and not found.get("cookie") else []


POOL = record(
    ConnectionPoolSpec,
    {
        "max_connections": POSITIVE,
        "connect_timeout": DURATION,
        "max_pending_requests": POSITIVE,
        "max_requests": POSITIVE,
        "max_requests_per_connection": POSITIVE,
        "max_retries": POSITIVE,
    },
)
_SHARE = integer(0, 100, "a percentage")
OUTLIERS = record(
    OutlierDetectionSpec,
    {
        "consecutive_5xx_errors": COUNT,
        "consecutive_gateway_errors": COUNT,
        "interval": DURATION,
        "base_ejection_time": DURATION,
        "max_ejection_percent": _SHARE,
        "min_health_percent": _SHARE,
    },
)
_HASHED = ("header", "cookie", "query", "source_ip")
HASH = record(
    ConsistentHashSpec,
    {"header": text(token_problem), "cookie": TEXT, "cookie_ttl": DURATION, "query": TEXT, "source_ip": boolean},
    rules=[one_of(*_HASHED, least=1), _ttl_rule],
)
BALANCER = record(
    LoadBalancerSpec,
    {"algorithm": choice(LoadBalancing), "consistent_hash": HASH, "warmup": DURATION},
    rules=[_warmup_rule],
)
