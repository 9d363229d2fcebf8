"""The shapes of a login at a gateway: a filter that brings a person's token, and one that takes its cookies away.

What asks for tokens is behind them: a request that they let through is answered as if it had come so. The provider is
reached by a workload of the filter's own namespace. Source:
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/oauth2_filter.
"""

from collections.abc import Mapping
from typing import Any, Final

from tenantmesh.graph.envoyfilters.shape import Each, number, pattern, text
from tenantmesh.graph.envoyfilters.upstream import NAME, own_cluster

_TYPES: Final = "type.googleapis.com/envoy.extensions.filters.http"
_HTTPS: Final = pattern(r"https://[!-~]+")
_PATH: Final = pattern(r"/[^%*?#]+")
_COOKIES: Final = (
    "bearer_token",
    "code_verifier",
    "id_token",
    "oauth_expires",
    "oauth_hmac",
    "oauth_nonce",
    "refresh_token",
)
_MOUNTED: Final = "/etc/tenantmesh/login"
_FOLDER: Final = f".{_MOUNTED}"
_LUA: Final = """function envoy_on_request(request)
  local headers, kept = request:headers(), {}
  for cookie in (headers:get("cookie") or ""):gmatch("[^;]+") do
    if not cookie:find("^%s*__Host%-login%-") then
      table.insert(kept, cookie)
    end
  end
  headers:remove("cookie")
  if #kept > 0 then
    headers:add("cookie", (table.concat(kept, ";"):gsub("^%s+", "")))
  end
end
"""


def _from_file(name: str) -> Mapping[str, Any]:
    source = {"path": f"{_FOLDER}/{name}.json", "watched_directory": {"path": _FOLDER}}
    return {"name": name, "sds_config": {"path_config_source": source, "resource_api_version": "V3"}}


# Neither names a token's issuer or lets anybody in: what passes is asked for its token as before.
_CONFIG: Final = {
    "allowed_redirect_domains": Each(text),
    "auth_scopes": Each(text),
    "auth_type": "BASIC_AUTH",
    "authorization_endpoint": _HTTPS,
    "cookie_configs": {f"{name}_cookie_config": {"same_site": "LAX"} for name in _COOKIES},
    "credentials": {
        "client_id": text,
        "cookie_names": {name: pattern(r"__Host-login-[a-z]+") for name in _COOKIES},
        "hmac_secret": _from_file("key"),
        "token_secret": _from_file("client"),
    },
    "deny_redirect_matcher": [{"invert_match": True, "name": "sec-fetch-mode", "string_match": {"exact": "navigate"}}],
    "disable_id_token_set_cookie": True,
    "disable_refresh_token_set_cookie": True,
    "forward_bearer_token": True,
    "pass_through_matcher": [{"name": "authorization", "string_match": {"prefix": "Bearer "}}],
    "redirect_path_matcher": {"path": {"exact": _PATH}},
    "redirect_uri": pattern(r"https://%REQ\(:authority\)%/[^%*?#]+"),
    "signout_path": {"path": {"exact": _PATH}},
    "token_endpoint": {"cluster": NAME, "timeout": "10s", "uri": _HTTPS},
    "use_refresh_token": False,
}


def _first(name: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """A patch that puts a filter before all that decide who may come in."""
    chain = {"filter": {"name": "envoy.filters.network.http_connection_manager"}}
    return {
        "applyTo": "HTTP_FILTER",
        "match": {"context": "GATEWAY", "listener": {"filterChain": chain, "portNumber": number}},
        "patch": {"operation": "INSERT_FIRST", "value": {"name": name, "typed_config": config}},
    }


LOGIN: Final = (
    own_cluster({}),
    _first("envoy.filters.http.lua", {"@type": f"{_TYPES}.lua.v3.Lua", "inline_code": _LUA}),
    _first("envoy.filters.http.oauth2", {"@type": f"{_TYPES}.oauth2.v3.OAuth2", "config": _CONFIG}),
)
"""The patches: the cluster by which the provider is reached, and the two filters."""


def only_files(mounts: Any) -> bool:
    """Whether what a proxy's container mounts of its own accord is the folder of a login's files, which it only reads.

    A proxy reads it for nothing else, so whatever volume is there changes nothing of what it lets through.
    """
    known = {"mountPath": _MOUNTED, "readOnly": True}
    return isinstance(mounts, list) and all(
        isinstance(one, Mapping) and {**one, "name": ""} == {**known, "name": ""} for one in mounts
    )
