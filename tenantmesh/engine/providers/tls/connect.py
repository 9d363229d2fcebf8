"""Fetches the certificates that a server shows, over TLS or HTTPS, directly or through a proxy."""

import base64
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from msgspec import Struct

from tenantmesh.engine.values import UNKNOWN, Properties
from tenantmesh.errors import ProviderError

_TIMEOUT = 30.0
"""Seconds for each step of a connection."""


class Proxy(Struct, frozen=True, kw_only=True):
    """The provider's proxy: a URL with credentials, or else what the environment says if `from_environment`."""

    url: str = ""
    from_environment: bool = True

    def __repr__(self) -> str:
        return "Proxy()"


def proxy_of(config: Properties) -> Proxy:
    """The `proxy` of a provider's configuration; an unknown one counts as none. Raises ProviderError."""
    settings = config.get("proxy")
    if not isinstance(settings, dict):
        return Proxy()
    values = {key: value for key, value in settings.items() if value is not UNKNOWN and value is not None}
    url, username, password = (str(values.get(key, "")) for key in ("url", "username", "password"))
    problems = _proxy_problems(url, username, password, values)
    if problems:
        raise ProviderError("; ".join(problems))
    if not username:
        return Proxy(url=url, from_environment=not url and bool(values.get("fromEnv", True)))
    parts = urlsplit(url)
    login = quote(username, safe="") + (f":{quote(password, safe='')}" if password else "")
    return Proxy(url=parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl())


def fetch_chain(url: SplitResult, proxy: Proxy, environment: Mapping[str, str], *, verify: bool) -> list[bytes]:
    """The certificates in DER that the server at `url` shows, its own first. Raises ProviderError."""
    host, port = url.hostname or "", url.port or 443
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        if url.scheme == "https":
            return _over_http(host, port, context, _proxy_url(host, proxy, environment))
        with socket.create_connection((host, port), _TIMEOUT) as plain:
            return _shake(plain, context, host)
    except (OSError, HTTPException) as error:
        raise ProviderError(f"{host}:{port} shows no certificates: {error}") from None


def _proxy_problems(url: str, username: str, password: str, values: Mapping[str, Any]) -> list[str]:
    problems = {
        "proxy.url must start with http://; other kinds of proxy are not supported": url
        and urlsplit(url).scheme != "http",
        "proxy.username needs proxy.url": username and not url,
        "proxy.password needs proxy.username": password and not username,
        "proxy.fromEnv can't stand beside proxy.url; leave one out": url and "fromEnv" in values,
    }
    return [problem for problem, applies in problems.items() if applies]


def _proxy_url(host: str, proxy: Proxy, environment: Mapping[str, str]) -> str:
    if proxy.url or not proxy.from_environment:
        return proxy.url
    excluded = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if _is_excluded(host, excluded):
        return ""
    url = environment.get("HTTPS_PROXY") or environment.get("https_proxy") or ""
    return url if "://" in url or not url else f"http://{url}"


def _is_excluded(host: str, excluded: str) -> bool:
    domains = [one.strip().lower().lstrip(".") for one in excluded.split(",")]
    return any(one == "*" or host.lower() == one or host.lower().endswith("." + one) for one in domains if one)


def _over_http(host: str, port: int, context: ssl.SSLContext, proxy: str) -> list[bytes]:
    if not proxy:
        with socket.create_connection((host, port), _TIMEOUT) as plain:
            return _shake(plain, context, host)
    parts = urlsplit(proxy)
    if parts.scheme != "http":
        raise ProviderError("HTTPS_PROXY must be an http:// URL; other kinds of proxy are not supported")
    connection = HTTPSConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT, context=context)
    connection.set_tunnel(host, port, _authorization(parts))
    try:
        connection.connect()
        return _chain(connection.sock)
    finally:
        connection.close()


def _authorization(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(login.encode()).decode()}


def _shake(plain: socket.socket, context: ssl.SSLContext, host: str) -> list[bytes]:
    with context.wrap_socket(plain, server_hostname=host) as secure:
        return _chain(secure)


def _chain(secure: ssl.SSLSocket) -> list[bytes]:
    # Python 3.13 made public what the object below the socket has had since 3.10.
    whole = getattr(secure, "get_unverified_chain", None) or getattr(
        getattr(secure, "_sslobj", None), "get_unverified_chain", None
    )
    if whole is None:
        leaf = secure.getpeercert(binary_form=True)
        return [leaf] if leaf else []
    return [one if isinstance(one, bytes) else ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in whole() or ()]
