"""Reads RateLimitArgs, and says what else a tenant needs for them."""

import re
from collections.abc import Iterable
from typing import Any

from tenantmesh.args.parse.fields import POSITIVE, path_problem
from tenantmesh.args.parse.limits import token_problem
from tenantmesh.args.parse.readers import choice, record, several, text
from tenantmesh.spec.gateway import ClientTls
from tenantmesh.spec.rate_limits import COUNTING_AMOUNTS, FailureMode, RateLimitSpec, RateScope, RateUnit
from tenantmesh.spec.tenant import TenantSpec

_PLAIN = re.compile(r"[!-~]*")
_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})


def _prefix_problem(value: str) -> str:
    if "*" in value:
        return f"{value!r} has a '*': leave it out, all under a path is meant anyway"
    if len(value) > 1 and value.endswith("/"):
        return f"{value!r} ends in '/': leave it out, all under a path is meant anyway"
    if not _PLAIN.fullmatch(value):
        return f"{value!r} has what no request's path has: use letters, digits and marks without spaces"
    return path_problem(value)


def _header_problem(value: str) -> str:
    if value.lower() in _SECRETS:
        return f"{value!r} is what clients prove themselves with, and would be kept: count by another header"
    return token_problem(value)


def _global_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    if found.get("scope") is RateScope.GLOBAL:
        return []
    return [(key, "has a meaning with scope global only") for key in ("header", "on_failure") if key in found]


def _limit(*, header: str = "", **found: Any) -> RateLimitSpec:
    return RateLimitSpec(header=header.lower(), **found)


def reserved(limits: Iterable[RateLimitSpec]) -> tuple[int, ...]:
    """What the gateways' namespace needs for limits beside the gateways: the service that counts, or nothing."""
    return COUNTING_AMOUNTS if any(one.scope is RateScope.GLOBAL for one in limits) else ()


def rate_limit_problems(spec: TenantSpec) -> Iterable[str]:
    """What limits can't be without, a gateway that sees requests, and those that would count the same."""
    if spec.rate_limits and (spec.ingress is None or spec.ingress.client_tls is ClientTls.PASSTHROUGH):
        yield "rate_limits: no gateway sees requests: give an ingress whose client_tls is not passthrough"
    for ingress in spec.further if spec.rate_limits else ():
        if ingress.client_tls is ClientTls.PASSTHROUGH:
            path = f"ingresses.{ingress.name}.client_tls"
            yield f"{path}: passthrough shows no requests, which rate_limits count: end TLS there"
    seen: set[tuple[RateScope, str]] = set()
    for index, limit in enumerate(spec.rate_limits):
        key = (limit.scope, limit.name)
        if key in seen:
            yield f"rate_limits[{index}].path: {limit.name} has a {limit.scope.value} limit already: leave one out"
        seen.add(key)


RATE_LIMITS = several(
    record(
        _limit,
        {
            "requests": POSITIVE,
            "per": choice(RateUnit),
            "path": text(_prefix_problem),
            "scope": choice(RateScope),
            "header": text(_header_problem),
            "on_failure": choice(FailureMode),
        },
        required=["requests"],
        rules=[_global_rule],
    )
)
