"""Envoy's RBAC filters, held against a request as the documentation of its matchers says: a reading of its own.

Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto and the matchers it refers to.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Json = Mapping[str, Any]

_ONE_SEGMENT = r"[a-zA-Z0-9\-._~%!$&'()+,;:@=]+"
_ANY_SEGMENTS = r"[a-zA-Z0-9\-._~%!$&'()+,;:@=/]*"


class Seen(NamedTuple):
    """What a filter sees of one request.

    `principal` is the URI in the peer's certificate, None on a connection without one. `claims` are the token's, None
    without one. `headers` hold `:method`, `:path` and `:authority` too, and are empty on a connection that is not HTTP.
    """

    port: int
    principal: str | None = None
    source: str = "10.0.0.1"
    destination: str = "10.0.0.2"
    sni: str = ""
    headers: Mapping[str, str] = {}
    claims: Mapping[str, Any] | None = None


def passes(filters: Iterable[Json], seen: Seen) -> bool:
    """Whether all filters in turn let the request through; AUDIT and shadow rules only look on."""
    return all(_passes(one["typedConfig"], seen) for one in filters)


def _passes(config: Json, seen: Seen) -> bool:
    rules = config.get("rules")
    if rules is None:
        return True
    matched = any(_policy(one, seen) for one in rules.get("policies", {}).values())
    return {"ALLOW": matched, "DENY": not matched, "LOG": True}[rules.get("action", "ALLOW")]


def _policy(policy: Json, seen: Seen) -> bool:
    return any(_matches(one, seen) for one in policy["permissions"]) and any(
        _matches(one, seen) for one in policy["principals"]
    )


def _matches(node: Json, seen: Seen) -> bool:
    ((kind, value),) = node.items()
    return _KINDS[kind](value, seen)


def _text(matcher: Json, text: str) -> bool:
    """A StringMatcher; an expression has to fit the whole text."""
    fold: Callable[[str], str] = str.lower if matcher.get("ignoreCase") else str
    match next((key, value) for key, value in matcher.items() if key != "ignoreCase"):
        case "exact", str(value):
            return fold(text) == fold(value)
        case "prefix", str(value):
            return fold(text).startswith(fold(value))
        case "suffix", str(value):
            return fold(text).endswith(fold(value))
        case "safeRegex", value:
            return re.fullmatch(value["regex"], text) is not None
        case other:
            raise AssertionError(other)


def _header(matcher: Json, seen: Seen) -> bool:
    value = seen.headers.get(matcher["name"].lower())
    if "presentMatch" in matcher:
        return (value is not None) == matcher["presentMatch"]
    return value is not None and _text(matcher["stringMatch"], value)


def _url_path(matcher: Json, seen: Seen) -> bool:
    return ":path" in seen.headers and _text(matcher["path"], _without_query(seen))


def _template(matcher: Json, seen: Seen) -> bool:
    parts = re.split(r"(\*\*|\*)", matcher["typedConfig"]["pathTemplate"])
    holes = {"**": _ANY_SEGMENTS, "*": _ONE_SEGMENT}
    expression = "".join(holes.get(part) or re.escape(part) for part in parts)
    return ":path" in seen.headers and re.fullmatch(expression, _without_query(seen)) is not None


def _without_query(seen: Seen) -> str:
    return re.split(r"[?#]", seen.headers[":path"])[0]


def _range(matcher: Json, address: str) -> bool:
    network = f"{matcher['addressPrefix']}/{matcher.get('prefixLen', 0)}"
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


def _certificate(matcher: Json, seen: Seen) -> bool:
    return seen.principal is not None and _text(matcher["principalName"], seen.principal)


def _metadata(matcher: Json, seen: Seen) -> bool:
    assert matcher["filter"] == "envoy.filters.http.jwt_authn"
    value: Any = {"payload": seen.claims} if seen.claims is not None else {}
    for part in matcher["path"]:
        value = value.get(part["key"]) if isinstance(value, Mapping) else None
    return value is not None and _value(matcher["value"], value)


def _value(matcher: Json, value: Any) -> bool:
    match next(iter(matcher.items())):
        case "stringMatch", inner:
            return isinstance(value, str) and _text(inner, value)
        case "listMatch", inner:
            return isinstance(value, list | tuple) and any(_value(inner["oneOf"], one) for one in value)
        case "orMatch", inner:
            return any(_value(one, value) for one in inner["valueMatchers"])
        case other:
            raise AssertionError(other)


def _all(found: Sequence[Json], seen: Seen) -> bool:
    return all(_matches(one, seen) for one in found)


def _some(found: Sequence[Json], seen: Seen) -> bool:
    return any(_matches(one, seen) for one in found)


_KINDS: Mapping[str, Callable[[Any, Seen], bool]] = {
    "any": lambda value, _: value,
    "andRules": lambda value, seen: _all(value["rules"], seen),
    "andIds": lambda value, seen: _all(value["ids"], seen),
    "orRules": lambda value, seen: _some(value["rules"], seen),
    "orIds": lambda value, seen: _some(value["ids"], seen),
    "notRule": lambda value, seen: not _matches(value, seen),
    "notId": lambda value, seen: not _matches(value, seen),
    "header": _header,
    "urlPath": _url_path,
    "uriTemplate": _template,
    "destinationIp": lambda value, seen: _range(value, seen.destination),
    "destinationPort": lambda value, seen: seen.port == value,
    "requestedServerName": lambda value, seen: _text(value, seen.sni),
    "metadata": _metadata,
    "authenticated": _certificate,
    "directRemoteIp": lambda value, seen: _range(value, seen.source),
    "remoteIp": lambda value, seen: _range(value, seen.source),
}
