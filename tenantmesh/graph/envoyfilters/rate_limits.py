"""The shapes of rate limits at a gateway: filters that let a request go on or refuse it, and do nothing else.

What they ask, if anything, is a service of the filter's own namespace. Sources:
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter and
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rate_limit_filter.
"""

from collections.abc import Mapping
from typing import Any, Final

from tenantmesh.graph.envoyfilters.shape import AnyOf, Each, duration, flag, number, text
from tenantmesh.graph.envoyfilters.upstream import NAME, own_cluster

_TYPES: Final = "type.googleapis.com/envoy.extensions"
_HTTP: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_HTTP2: Final = {
    "@type": f"type.googleapis.com/{_HTTP}",
    "explicit_http_config": {"http2_protocol_options": {}},
}
_ALWAYS: Final = {"default_value": {"denominator": "HUNDRED", "numerator": 100}}

# Headers, the path among them, are compared and counted: a limit depends on nothing else.
_HEADER: Final = AnyOf(
    (
        {"name": text, "string_match": {"safe_regex": {"regex": text}}},
        {"invert_match": True, "name": text, "present_match": True},
    )
)
_ACTION: Final = AnyOf(
    (
        {"header_value_match": {"descriptor_key": text, "descriptor_value": text, "headers": Each(_HEADER)}},
        {"request_headers": {"descriptor_key": text, "header_name": text}},
    )
)
_LIMITS: Final = Each({"actions": Each(_ACTION)})
_BUCKET: Final = {"fill_interval": duration, "max_tokens": number, "tokens_per_fill": number}
_DESCRIPTOR: Final = {"entries": Each({"key": text, "value": text}), "token_bucket": _BUCKET}
_LOCAL: Final = {
    "@type": f"{_TYPES}.filters.http.local_ratelimit.v3.LocalRateLimit",
    "descriptors": Each(_DESCRIPTOR),
    "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
    "filter_enabled": _ALWAYS,
    "filter_enforced": _ALWAYS,
    "rate_limits": _LIMITS,
    "stat_prefix": text,
}
_GLOBAL: Final = {
    "@type": f"{_TYPES}.filters.http.ratelimit.v3.RateLimit",
    "domain": text,
    "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
    "failure_mode_deny": flag,
    "rate_limit_service": {
        "grpc_service": {"envoy_grpc": {"cluster_name": NAME}},
        "transport_api_version": "V3",
    },
    "rate_limits": _LIMITS,
    "stat_prefix": text,
    "status_on_error": {"code": "ServiceUnavailable"},
    "timeout": duration,
}


def _before_router(name: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """A patch that puts a filter behind all that decide who may come in."""
    manager = "envoy.filters.network.http_connection_manager"
    chain = {"filter": {"name": manager, "subFilter": {"name": "envoy.filters.http.router"}}}
    return {
        "applyTo": "HTTP_FILTER",
        "match": {"context": "GATEWAY", "listener": {"filterChain": chain, "portNumber": number}},
        "patch": {"operation": "INSERT_BEFORE", "value": {"name": name, "typed_config": config}},
    }


RATE_LIMITS: Final = (
    own_cluster(
        {"alpn_protocols": ["h2"]},
        typed_extension_protocol_options={_HTTP: _HTTP2},
    ),
    _before_router("envoy.filters.http.local_ratelimit", _LOCAL),
    _before_router("envoy.filters.http.ratelimit", _GLOBAL),
)
"""The patches: the cluster of the service that counts for all replicas, and the two filters."""
