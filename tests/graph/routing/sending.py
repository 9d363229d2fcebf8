"""Where Envoy sends a request by what it is told, as the documentation of its routes says: a reading of its own.

Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs

Json = Mapping[str, Any]


class Told(NamedTuple):
    """What a proxy is told; `endpoints` are addresses with their port, by cluster.

    `passing` are the clusters of what goes on to the address that the client asked for, with the port there if it is
    another than the one that was asked for, else 0.
    """

    listeners: Sequence[Json]
    routes: Sequence[Json]
    endpoints: Mapping[str, Sequence[str]]
    passing: Mapping[str, int]


class Sent(NamedTuple):
    """A request as a proxy gets it: the port that was asked for, a gateway's own one, and the request's head."""

    port: int
    headers: Mapping[str, str]


def clusters(told: Told, sent: Sent) -> set[str]:
    """The clusters that may get the request, or a copy of it; none when the proxy answers itself."""
    listener = _listener(told, sent.port)
    if listener is None:
        return set(_otherwise(told))
    named = _routes_of(listener)
    (config,) = (one for one in told.routes if one["name"] == named)
    host = _virtual_host(config, sent.headers[":authority"].lower())
    if host is None or host.get("requireTls", "NONE") != "NONE":
        return set()
    route = next((one for one in host.get("routes", ()) if _takes(one["match"], sent)), None)
    return set(_clusters(route)) if route else set()


def is_listening(told: Told, port: int) -> bool:
    """Whether the proxy has routes for a port."""
    return _listener(told, port) is not None


def _listener(told: Told, port: int) -> Json | None:
    return next((one for one in told.listeners if one["name"] == f"0.0.0.0_{port}"), None)


def _routes_of(listener: Json) -> str:
    """The name of the routes that a listener asks for."""
    configs = (one["typedConfig"] for chain in _chains(listener) for one in chain["filters"])
    return next(one["rds"]["routeConfigName"] for one in configs if "rds" in one)


def _chains(listener: Json) -> Sequence[Json]:
    last = [listener["defaultFilterChain"]] if "defaultFilterChain" in listener else []
    return [*listener.get("filterChains", ()), *last]


def _otherwise(told: Told) -> Iterator[str]:
    """The cluster of what no other listener of a sidecar takes; a gateway has none for it."""
    for one in told.listeners:
        if one["name"] == "virtualOutbound":
            yield _chains(one)[-1]["filters"][-1]["typedConfig"]["cluster"]


def _virtual_host(config: Json, authority: str) -> Json | None:
    if config.get("ignorePortInHostMatching"):
        authority = authority.partition(":")[0]

    def closeness(domain: str) -> tuple[int, int]:
        if domain == authority:
            return 3, 0
        if domain == "*":
            return 1, 0
        if domain.startswith("*") and authority.endswith(domain[1:]) and len(authority) > len(domain) - 1:
            return 2, len(domain)
        return 0, 0

    found = [
        (closeness(domain.lower()), index)
        for index, host in enumerate(config["virtualHosts"])
        for domain in host["domains"]
    ]
    best = max(found, default=((0, 0), 0))
    return config["virtualHosts"][best[1]] if best[0][0] else None


def _takes(match: Json, sent: Sent) -> bool:
    path, _, query = sent.headers[":path"].partition("?")
    return (
        _path(match, path)
        and all(_header(one, sent.headers) for one in match.get("headers", ()))
        and all(_parameter(one, query) for one in match.get("queryParameters", ()))
    )


def _path(match: Json, path: str) -> bool:
    if match.get("caseSensitive") is False:
        path = path.lower()
        match = {key: value.lower() if isinstance(value, str) else value for key, value in match.items()}
    if "path" in match:
        return path == match["path"]
    if "safeRegex" in match:
        return re.fullmatch(match["safeRegex"]["regex"], path) is not None
    if "pathSeparatedPrefix" in match:
        return path == match["pathSeparatedPrefix"] or path.startswith(match["pathSeparatedPrefix"] + "/")
    return path.startswith(match["prefix"])


def _header(matcher: Json, headers: Mapping[str, str]) -> bool:
    value = headers.get(matcher["name"].lower())
    if value is None and matcher.get("treatMissingHeaderAsEmpty"):
        value = ""
    if "presentMatch" in matcher:
        holds = (value is not None) == matcher["presentMatch"]
    else:
        holds = value is not None and _text(matcher["stringMatch"], value)
    return holds != matcher.get("invertMatch", False)


def _parameter(matcher: Json, query: str) -> bool:
    values = parse_qs(query, keep_blank_values=True).get(matcher["name"])
    if "presentMatch" in matcher:
        return (values is not None) == matcher["presentMatch"]
    return values is not None and _text(matcher["stringMatch"], values[0])


def _text(matcher: Json, text: str) -> bool:
    match next(iter(matcher.items())):
        case "exact", value:
            return text == value
        case "prefix", value:
            return text.startswith(value)
        case "suffix", value:
            return text.endswith(value)
        case "contains", value:
            return value in text
        case "safeRegex", value:
            return re.fullmatch(value["regex"], text) is not None
        case other:
            raise ValueError(f"a matcher of texts that is not known: {other}")


def _clusters(route: Json) -> Iterator[str]:
    action = route.get("route")
    if action is None:
        return
    if "cluster" in action:
        yield action["cluster"]
    for one in action.get("weightedClusters", {}).get("clusters", ()):
        if one.get("weight"):
            yield one["name"]
    for one in action.get("requestMirrorPolicies", ()):
        if _share(one.get("runtimeFraction", {}).get("defaultValue", {"numerator": 100})):
            yield one["cluster"]


def _share(fraction: Json) -> bool:
    return bool(fraction.get("numerator"))


def ends(told: Told, names: Iterable[str]) -> set[str]:
    """The addresses behind clusters, with their ports."""
    return {address for name in names for address in told.endpoints.get(name, ())}
