"""People log in at a tenant's own ingress gateways: Envoy's OAuth2 filter before what asks for tokens.

The filter only brings a person's token, or passes on the one that a program has: RequestAuthentication and the policies
behind it judge both, so that nothing is open where the filter is missing. What it keeps secret is in files of the
gateway's pod, which the proxy watches; the EnvoyFilter names them.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/oauth2_filter
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tenantmesh.manifest import Body
from tenantmesh.plan.egress import gateway_host
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.ports import EGRESS_GATEWAY, HTTPS_TARGET
from tenantmesh.plan.principals import principal
from tenantmesh.plan.proxies import Additions, gateway_name
from tenantmesh.plan.upstreams import Upstream, added_cluster
from tenantmesh.spec import labels
from tenantmesh.spec.gateway import EgressSpec, IngressSpec
from tenantmesh.spec.login import LoginSpec
from tenantmesh.spec.tenant import TenantSpec

CLIENT, KEY = "client", "key"
"""The two secrets: the client's at the provider, and what sessions are signed and encrypted with."""

FOLDER = "/etc/tenantmesh/login"
"""Where the gateway's pod has them as files."""

_CLUSTER = "tenantmesh-login"
# The filter writes the token in the clear into the cookie that it was in, which goes on to the App.
_WITHOUT_COOKIES = """function envoy_on_request(request)
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
_COOKIES = {
    "bearer_token": "token",
    "oauth_hmac": "signature",
    "oauth_expires": "expires",
    "id_token": "id",
    "refresh_token": "refresh",
    "oauth_nonce": "nonce",
    "code_verifier": "verifier",
}
_COOKIE_CONFIGS = ("bearer_token", "oauth_hmac", "oauth_expires", "id_token", "refresh_token", "oauth_nonce")
# Sent with a link that leads here, and with nothing that another page sends by itself.
_LAX = {"same_site": "LAX"}
_MANAGER = "envoy.filters.network.http_connection_manager"
_OAUTH2 = "type.googleapis.com/envoy.extensions.filters.http.oauth2.v3.OAuth2"
_LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
_SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105  a type's name


class LoginMaterial(Struct, frozen=True, kw_only=True):
    """The texts of the two files, or what becomes them: `resource` of a secret each, as JSON."""

    client: Any
    key: Any


def resource(name: str, secret: Any) -> dict[str, Any]:
    """What Envoy reads from the file of a secret."""
    return {"resources": [{"@type": _SECRET, "generic_secret": {"secret": {"inline_string": secret}}, "name": name}]}


def login_secret_name(tenant: TenantSpec) -> str:
    """The Secret with the two files, in the gateway's namespace."""
    return f"{gateway_name(tenant, 'ingress')}-login"


def login_additions(tenant: TenantSpec) -> Additions:
    """What the ingress gateways' pods have for a login: its files, and the label that the filter selects by."""
    if tenant.login is None:
        return Additions()
    return Additions(labels={labels.LOGIN: labels.WITH_FILES}, files={FOLDER: login_secret_name(tenant)})


def plan_login(tenant: TenantSpec) -> list[Body]:
    """Nothing without a login; else the filter of each gateway, for tokens are asked for at all of them.

    They have one key, so that who has logged in at a host is known at whichever of them has that host.
    """
    if tenant.login is None or tenant.egress is None:
        return []
    return [_filter(tenant, ingress, tenant.egress, tenant.login) for ingress in tenant.ingresses]


def plan_login_secret(tenant: TenantSpec, material: LoginMaterial) -> list[Body]:
    """What the filter keeps secret."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata(tenant.name, "ingress", login_secret_name(tenant), tenant.gateway_namespace),
            "stringData": {_file(CLIENT): material.client, _file(KEY): material.key},
            "type": "Opaque",
        }
    ]


def _filter(tenant: TenantSpec, ingress: IngressSpec, egress: EgressSpec, login: LoginSpec) -> networking.EnvoyFilter:
    # Pods from before the login have no files, and without these a proxy refuses its whole new configuration.
    selector = {**labels.gateway(tenant.name, ingress.role), labels.LOGIN: labels.WITH_FILES}
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": metadata(tenant.name, "ingress", ingress.named("login"), tenant.gateway_namespace),
        "spec": {
            "configPatches": [
                added_cluster(_to_provider(tenant, egress, login)),
                # Each goes before what is there already: the last of them sees a request first.
                _first("envoy.filters.http.lua", {"@type": _LUA, "inline_code": _WITHOUT_COOKIES}),
                _first("envoy.filters.http.oauth2", {"@type": _OAUTH2, "config": _config(ingress, login)}),
            ],
            "workloadSelector": {"labels": selector},
        },
    }


def _first(name: str, config: dict[str, Any]) -> networking.EnvoyFilterConfigPatches:
    """A filter at the head of the chain of the port that ends TLS."""
    listener: networking.EnvoyFilterConfigPatchesMatchListener = {
        "filterChain": {"filter": {"name": _MANAGER}},
        "portNumber": HTTPS_TARGET,
    }
    return {
        "applyTo": "HTTP_FILTER",
        "match": {"context": "GATEWAY", "listener": listener},
        "patch": {"operation": "INSERT_FIRST", "value": {"name": name, "typed_config": config}},
    }


def _config(ingress: IngressSpec, login: LoginSpec) -> dict[str, Any]:
    return {
        **_provider(login),
        **_addresses(ingress, login),
        **_session(),
        # What brings a token of its own is for the policies to judge.
        "pass_through_matcher": [{"name": "authorization", "string_match": {"prefix": "Bearer "}}],
        # A script can't log in: it is told so, and not sent elsewhere.
        "deny_redirect_matcher": [
            {"invert_match": True, "name": "sec-fetch-mode", "string_match": {"exact": "navigate"}}
        ],
    }


def _provider(login: LoginSpec) -> dict[str, Any]:
    return {
        "auth_scopes": list(login.scopes),
        "auth_type": "BASIC_AUTH",
        "authorization_endpoint": login.authorization_endpoint,
        "credentials": {
            "client_id": login.client_id,
            "cookie_names": {field: f"__Host-login-{name}" for field, name in _COOKIES.items()},
            "hmac_secret": _from_file(KEY),
            "token_secret": _from_file(CLIENT),
        },
        "token_endpoint": {"cluster": _CLUSTER, "timeout": "10s", "uri": login.token_endpoint},
    }


def _addresses(ingress: IngressSpec, login: LoginSpec) -> dict[str, Any]:
    """People come back to the host that they asked for, if it is one of the ingress's."""
    return {
        "allowed_redirect_domains": list(ingress.hosts),
        "redirect_path_matcher": {"path": {"exact": login.redirect_path}},
        "redirect_uri": f"https://%REQ(:authority)%{login.redirect_path}",
        "signout_path": {"path": {"exact": login.sign_out_path}},
    }


def _session() -> dict[str, Any]:
    """It is as long as the access token is valid, which alone is kept and goes on to what asks for it."""
    configs: Mapping[str, Any] = {f"{name}_cookie_config": dict(_LAX) for name in (*_COOKIE_CONFIGS, "code_verifier")}
    return {
        "cookie_configs": dict(configs),
        "disable_id_token_set_cookie": True,
        "disable_refresh_token_set_cookie": True,
        "forward_bearer_token": True,
        "use_refresh_token": False,
    }


def _from_file(name: str) -> dict[str, Any]:
    """Paths are taken from the root of the image, where Istio's agent starts the proxy."""
    folder = f".{FOLDER}"
    source = {"path": f"{folder}/{_file(name)}", "watched_directory": {"path": folder}}
    return {"name": name, "sds_config": {"path_config_source": source, "resource_api_version": "V3"}}


def _file(name: str) -> str:
    return f"{name}.json"


def _to_provider(tenant: TenantSpec, egress: EgressSpec, login: LoginSpec) -> Upstream:
    """The host's egress gateway, which knows by the SNI which host is meant, and begins TLS to it."""
    gateway = egress.gateway_to(login.token_host)
    return Upstream(
        name=_CLUSTER,
        host=gateway_host(tenant, gateway),
        port=EGRESS_GATEWAY,
        principal=principal(tenant, tenant.gateway_namespace, gateway_name(tenant, gateway.role)),
        sni=login.token_host,
    )
