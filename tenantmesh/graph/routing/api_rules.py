"""The rules of Gateway API's routes: conditions, backends and filters.

Source: https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tenantmesh.graph.routing.hosts import service_host
from tenantmesh.graph.routing.matching import Match, Text, Way
from tenantmesh.graph.routing.references import References
from tenantmesh.graph.routing.routes import Destination, Route, Rule, Rules
from tenantmesh.graph.verdict import Effect, Evidence

_EMPTY: Final[Mapping[str, Any]] = {}
_ISTIO: Final = "networking.istio.io"
_PATHS: Final = {"Exact": Way.EXACT, "PathPrefix": Way.SEGMENTS, "RegularExpression": Way.REGEX}
_VALUES: Final = {"Exact": Way.EXACT, "RegularExpression": Way.REGEX}


class Backend(NamedTuple):
    """Where a backendRef leads; None where nothing permits it. `unknown` says what of it is not understood."""

    destination: Destination | None
    unknown: Evidence | None = None


def rules(route: Route, references: References | None, port: int) -> Rules:
    """The rules of `route`; `port` is the one that its parentRef names, 0 for all."""
    listed = (route.object.body.get("spec") or _EMPTY).get("rules") or ()
    found = [rule for index, body in enumerate(listed) for rule in _rules(route, body, index, references, port)]
    if route.object.body["kind"] in ("HTTPRoute", "GRPCRoute"):
        return Rules(http=tuple(sorted(found, key=_rank)))
    return Rules(tls=tuple(found)) if route.object.body["kind"] == "TLSRoute" else Rules(tcp=tuple(found))


def _rules(
    route: Route, body: Mapping[str, Any], index: int, references: References | None, port: int
) -> Iterator[Rule]:
    path = f"spec.rules[{index}]"
    filters = body.get("filters") or ()
    answered = any(one.get("type") == "RequestRedirect" for one in filters)
    refs = (
        []
        if answered
        else [(one, f"{path}.backendRefs[{number}]") for number, one in enumerate(body.get("backendRefs") or ())]
    )
    refs += [
        (one["requestMirror"].get("backendRef") or _EMPTY, f"{path}.filters[{number}].requestMirror.backendRef")
        for number, one in enumerate(filters)
        if one.get("requestMirror")
    ]
    backends = (backend(route, one, where, references) for one, where in refs if one.get("weight", 1))
    destinations = tuple(one.destination for one in backends if one.destination is not None)
    for match in body.get("matches") or (_EMPTY,):
        yield Rule(path=path, matches=(_match(match, port),), destinations=destinations, answered=answered)


def backend(route: Route, body: Mapping[str, Any], path: str, references: References | None) -> Backend:
    """What a backendRef names: a Service, or by Istio's own kinds a host of the mesh."""
    group, kind = body.get("group") or "", body.get("kind") or "Service"
    place = body.get("namespace") or route.namespace
    name = body.get("name") or ""
    to = (group, kind, place, name)
    if references is not None and not references.permits(route.object.body["kind"], route.namespace, to):
        return Backend(None)
    port = int(body.get("port") or 0)
    if (group, kind) == ("", "Service"):
        return Backend(Destination(service_host(name, place, route.domain), port, "", path))
    if (group, kind) == (_ISTIO, "Hostname"):
        return Backend(Destination(name.lower(), port, "", path))
    reason = f"{route.object.key} has a backend of kind {kind}, which is not understood"
    return Backend(None, Evidence(Effect.UNKNOWN, reason, route.object, path))


def _match(body: Mapping[str, Any], port: int) -> Match:
    method = body.get("method")
    if isinstance(method, Mapping):
        return Match(port=port, uri=_grpc(method), headers=_values(body.get("headers")))
    path = body.get("path") or _EMPTY
    value = path.get("value") or "/"
    return Match(
        port=port,
        uri=Text(_PATHS.get(path.get("type") or "PathPrefix", Way.SEGMENTS), value) if path else None,
        method=Text(Way.EXACT, method) if method else None,
        headers=_values(body.get("headers")),
        query=_values(body.get("queryParams")),
    )


def _grpc(method: Mapping[str, Any]) -> Text:
    """A gRPC method is a path: `/service/method`."""
    service, name = method.get("service"), method.get("method")
    if method.get("type") == "RegularExpression":
        return Text(Way.REGEX, f"/{service or '[^/]+'}/{name or '[^/]+'}")
    if service and name:
        return Text(Way.EXACT, f"/{service}/{name}")
    return Text(Way.SEGMENTS, f"/{service}") if service else Text(Way.REGEX, f"/[^/]+/{name}")


def _values(bodies: Any) -> tuple[tuple[str, Text], ...]:
    return tuple(
        (one.get("name", "").lower(), Text(_VALUES.get(one.get("type") or "Exact", Way.EXACT), one.get("value") or ""))
        for one in bodies or ()
    )


def _rank(rule: Rule) -> tuple[int, int, bool, int, int]:
    """The order in which rules are tried: exact paths, long prefixes, methods, more headers, more parameters."""
    (match,) = rule.matches
    way = {Way.EXACT: 0, Way.REGEX: 2}.get(match.uri.way, 1) if match.uri else 3
    length = len(match.uri.value) if match.uri else 0
    return (way, -length, match.method is None, -len(match.headers), -len(match.query))
