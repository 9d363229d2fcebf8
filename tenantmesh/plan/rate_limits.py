"""The filters that count requests at a tenant's own ingress gateways: each pod for itself, or by a service of all.

They are behind all that decides who may come in, so that nobody spends a limit with requests that are refused anyway.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter and
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rate_limit_filter
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.counting import LIMIT, plan_counting, upstream
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.ports import HTTP_TARGET, HTTPS_TARGET
from tenantmesh.plan.upstreams import added_cluster
from tenantmesh.spec import labels
from tenantmesh.spec.gateway import ClientTls, IngressSpec
from tenantmesh.spec.rate_limits import SECONDS, FailureMode, RateLimitSpec, RateScope
from tenantmesh.spec.tenant import TenantSpec

_FILTERS = "type.googleapis.com/envoy.extensions.filters.http"
_CHAIN: networking.EnvoyFilterConfigPatchesMatchListenerFilterChain = {
    "filter": {
        "name": "envoy.filters.network.http_connection_manager",
        "subFilter": {"name": "envoy.filters.http.router"},
    }
}
_ALWAYS = {"default_value": {"denominator": "HUNDRED", "numerator": 100}}
_HEADERS = "DRAFT_VERSION_03"
_TIMEOUT = "0.5s"
"""After it the service counts as not there."""


def plan_rate_limits(tenant: TenantSpec) -> list[Body]:
    """Nothing without limits; else the filters of each gateway, and what counts for all where a limit is global."""
    limits = tenant.rate_limits
    if not limits or tenant.ingress is None:
        return []
    shared = [one for one in limits if one.scope is RateScope.GLOBAL]
    clusters = [added_cluster(upstream(tenant))] if shared else []
    made = _filters(tenant, shared)
    bodies: list[Body] = [
        _filter(tenant, ingress, [*clusters, *(_before_router(ingress, one) for one in made)])
        for ingress in tenant.ingresses
    ]
    return [*bodies, *(plan_counting(tenant, shared) if shared else [])]


def _filters(tenant: TenantSpec, shared: list[RateLimitSpec]) -> list[dict[str, Any]]:
    """The same at every gateway: a limit is for the tenant's Apps, whichever way requests come in."""
    local = [one for one in tenant.rate_limits if one.scope is RateScope.LOCAL]
    by_mode = {mode: [one for one in shared if one.on_failure is mode] for mode in FailureMode}
    counted = [_global(tenant, some, mode) for mode, some in by_mode.items() if some]
    return [*([_local(local)] if local else []), *counted]


def _filter(
    tenant: TenantSpec, ingress: IngressSpec, patches: list[networking.EnvoyFilterConfigPatches]
) -> networking.EnvoyFilter:
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": metadata(tenant.name, "ingress", ingress.named("rate-limits"), tenant.gateway_namespace),
        "spec": {
            "configPatches": patches,
            "workloadSelector": {"labels": labels.gateway(tenant.name, ingress.role)},
        },
    }


def _before_router(ingress: IngressSpec, made: dict[str, Any]) -> networking.EnvoyFilterConfigPatches:
    """At the port that Apps are behind; the other one only sends clients there."""
    port = HTTP_TARGET if ingress.client_tls is ClientTls.NONE else HTTPS_TARGET
    return {
        "applyTo": "HTTP_FILTER",
        "match": {"context": "GATEWAY", "listener": {"filterChain": _CHAIN, "portNumber": port}},
        "patch": {"operation": "INSERT_BEFORE", "value": made},
    }


def _local(limits: Iterable[RateLimitSpec]) -> dict[str, Any]:
    config = {
        "@type": f"{_FILTERS}.local_ratelimit.v3.LocalRateLimit",
        "descriptors": [
            {
                "entries": [{"key": LIMIT, "value": one.name}],
                "token_bucket": {
                    "fill_interval": f"{SECONDS[one.per]}s",
                    "max_tokens": one.requests,
                    "tokens_per_fill": one.requests,
                },
            }
            for one in limits
        ],
        "enable_x_ratelimit_headers": _HEADERS,
        "filter_enabled": _ALWAYS,
        "filter_enforced": _ALWAYS,
        "rate_limits": [{"actions": [_under(one)]} for one in limits],
        "stat_prefix": "tenantmesh",
    }
    return {"name": "envoy.filters.http.local_ratelimit", "typed_config": config}


def _global(tenant: TenantSpec, limits: Iterable[RateLimitSpec], mode: FailureMode) -> dict[str, Any]:
    config = {
        "@type": f"{_FILTERS}.ratelimit.v3.RateLimit",
        "domain": tenant.name,
        "enable_x_ratelimit_headers": _HEADERS,
        "failure_mode_deny": mode is FailureMode.DENY,
        "rate_limit_service": {
            "grpc_service": {"envoy_grpc": {"cluster_name": upstream(tenant).name}},
            "transport_api_version": "V3",
        },
        "rate_limits": [{"actions": actions} for one in limits for actions in _counted(one)],
        "stat_prefix": f"tenantmesh-{mode.value}",
        "status_on_error": {"code": "ServiceUnavailable"},
        "timeout": _TIMEOUT,
    }
    return {"name": "envoy.filters.http.ratelimit", "typed_config": config}


def _counted(limit: RateLimitSpec) -> Iterable[list[dict[str, Any]]]:
    """By path alone; or by path and header, and requests that lack the header apart."""
    if not limit.header:
        return [[_under(limit)]]
    value = {"request_headers": {"descriptor_key": limit.header, "header_name": limit.header}}
    absent = {"invert_match": True, "name": limit.header, "present_match": True}
    return [[_under(limit), value], [_under(limit, absent)]]


def _under(limit: RateLimitSpec, *headers: Mapping[str, Any]) -> dict[str, Any]:
    """What matches requests for a path and all under it, with a query or without."""
    expression = ".*" if limit.path == "/" else f"{re.escape(limit.path)}([/?].*)?"
    path = {"name": ":path", "string_match": {"safe_regex": {"regex": expression}}}
    return {
        "header_value_match": {
            "descriptor_key": LIMIT,
            "descriptor_value": limit.name,
            "headers": [path, *headers],
        }
    }
