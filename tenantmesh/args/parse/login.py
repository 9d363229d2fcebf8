"""Reads LoginArgs, and says what else a tenant needs for it."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from tenantmesh.args.parse.fields import POSITIVE, TEXT, filled_problem, path_problem
from tenantmesh.args.parse.readers import leaf, names, record, text
from tenantmesh.spec.gateway import ClientTls, ExternalProtocol
from tenantmesh.spec.hosts import host_problem
from tenantmesh.spec.login import REDIRECT_PATH, SIGN_OUT_PATH, LoginSpec
from tenantmesh.spec.names import gateway_name
from tenantmesh.spec.tenant import TenantSpec, external_services

_SCOPE = re.compile(r"[!#-\[\]-~]+")
"""RFC 6749, section 3.3."""
_ADDRESS = re.compile(r"[!-~]+")


def scope_problem(value: str) -> str:
    """Why a text is no scope, or ""."""
    return "" if _SCOPE.fullmatch(value) else f"{value!r} is not a scope such as 'openid': write one in each entry"


def endpoint_problem(value: str) -> str:
    """Why a text is no address of a provider, or ""."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"{value!r} is not an address"
    if parts.scheme != "https" or not _ADDRESS.fullmatch(value):
        return f"{value!r} is not an address that begins with https://: anybody could read what goes there"
    if parts.username is not None or parts.password is not None:
        return "has a name or password in it: anybody who may read the filter sees it"
    return host_problem(host) or ("" if not parts.fragment else f"{value!r} has a '#' in it")


def _token_endpoint_problem(value: str) -> str:
    return f"{value!r} has a query in it, which is the gateway's to write" if "?" in value else ""


def _own_path_problem(value: str) -> str:
    if "*" in value or value == "/":
        return f"{value!r} would be taken from the App: name one path that it does not have"
    return path_problem(value)


def _secret(value: Any, path: str, problems: list[str]) -> Any:
    """Text is looked at; an output that is known only later flows through. Neither is shown."""
    return text(filled_problem)(value, path, problems) if isinstance(value, str) else leaf(value, path, problems)


def _paths_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    redirect = found.get("redirect_path", REDIRECT_PATH)
    sign_out = found.get("sign_out_path", SIGN_OUT_PATH)
    return [("sign_out_path", f"{sign_out!r} is redirect_path too: choose another")] if redirect == sign_out else []


def login_problems(spec: TenantSpec) -> Iterable[str]:
    """What a login can't be without: TLS for its cookies, and a way to the provider."""
    found = [(f"jwt[{one.issuer}].login", one.login) for one in spec.jwt if one.login]
    for path, _ in found[1:]:
        yield f"{path}: {found[0][0]} is there already, and people can be sent to one issuer only: remove one"
    for path, login in found[:1]:
        if spec.ingress is None or not spec.ingress.certified:
            yield f"{path}: its cookies are for TLS that the gateway ends: let client_tls be simple or mutual"
        for ingress in spec.further:
            if ingress.client_tls is ClientTls.NONE:
                where = f"ingresses.{ingress.name}.client_tls"
                yield f"{where}: a login's cookies are for TLS that the gateway ends: let it be simple or mutual"
        yield from _way_problems(spec, login, path)


def _way_problems(spec: TenantSpec, login: LoginSpec, path: str) -> Iterable[str]:
    host, port = login.token_host, login.token_port
    gateways = [gateway_name(spec.name, ingress.role) for ingress in spec.ingresses]
    for index, service in enumerate(external_services(spec)):
        if (service.host, service.port) != (host, port):
            continue
        if service.protocol is not ExternalProtocol.HTTPS:
            yield f"egress.services[{index}].protocol: the login speaks to {host!r} by the egress gateway: write https"
        for gateway in gateways if service.service_accounts else ():
            if gateway not in service.service_accounts:
                yield f"egress.services[{index}].service_accounts: the login's gateway is missing: add {gateway!r}"
        return
    yield f"{path}.token_endpoint: {host!r} on port {port} is none of egress.services: add it, with the protocol https"


LOGIN = record(
    LoginSpec,
    {
        "authorization_endpoint": text(endpoint_problem),
        "token_endpoint": text(endpoint_problem, _token_endpoint_problem),
        "client_id": TEXT,
        "client_secret": _secret,
        "scopes": names(scope_problem, least=1),
        "redirect_path": text(_own_path_problem),
        "sign_out_path": text(_own_path_problem),
        "epoch": POSITIVE,
    },
    required=["authorization_endpoint", "token_endpoint", "client_id", "client_secret"],
    rules=[_paths_rule],
)
