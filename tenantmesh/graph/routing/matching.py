"""Conditions on a request: which requests a route takes, and one request that it takes.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest and
https://gateway-api.sigs.k8s.io/reference/spec/#httproutematch.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from tenantmesh.graph.fits import Fit, certain, every
from tenantmesh.graph.flow import Request
from tenantmesh.graph.routing.hosts import covers

MESH: Final = "mesh"
"""The name by which routes are bound to sidecars."""


class Way(StrEnum):
    """How a text is compared."""

    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"
    SEGMENTS = "segments"
    """A prefix of whole path segments, as Gateway API has it."""


class Text(NamedTuple):
    """A condition on a text."""

    way: Way
    value: str

    def fit(self, value: str, *, ignore_case: bool = False) -> Fit:
        """Whether `value` satisfies it; unsure when the expression is not one that can be tried."""
        wanted = self.value.lower() if ignore_case else self.value
        value = value.lower() if ignore_case else value
        match self.way:
            case Way.EXACT:
                return certain(holds=value == wanted)
            case Way.PREFIX:
                return certain(holds=value.startswith(wanted))
            case Way.SEGMENTS:
                base = wanted.rstrip("/")
                return certain(holds=value == base or value.startswith(f"{base}/"))
            case Way.REGEX:
                try:
                    return certain(holds=re.fullmatch(wanted, value) is not None)
                except re.error:
                    return Fit.UNSURE

    @property
    def is_part(self) -> bool:
        """Whether some paths certainly do not satisfy it."""
        return self.way is Way.EXACT or (self.way in (Way.PREFIX, Way.SEGMENTS) and self.value.strip("/") != "")

    @property
    def example(self) -> str:
        """A text that satisfies it, or for an expression that says more than one text, that may."""
        return self.value if self.way is not Way.REGEX else re.sub(r"[\\^$]|\.[*+]\??", "", self.value)


ANY_TEXT: Final = Text(Way.PREFIX, "")
"""What a condition without content means: the field is there, whatever it says."""


def text(body: Mapping[str, Any] | None) -> Text | None:
    """The condition that a StringMatch spells; None for none."""
    if body is None:
        return None
    for way in (Way.EXACT, Way.PREFIX, Way.REGEX):
        if way.value in body:
            return Text(way, body[way.value])
    return ANY_TEXT


class Caller(NamedTuple):
    """Where a request comes in: through `gateway` (`mesh` at a sidecar, or `namespace/name`) on `port`, 0 for any.

    `namespace` and `labels` are the proxy's own.
    """

    gateway: str
    port: int
    namespace: str
    labels: Mapping[str, str]


class Match(NamedTuple):
    """Conditions that have to hold together; without any it takes every request."""

    gateways: frozenset[str] = frozenset()
    port: int = 0
    namespace: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    sni: tuple[str, ...] = ()
    uri: Text | None = None
    ignore_case: bool = False
    method: Text | None = None
    authority: Text | None = None
    headers: tuple[tuple[str, Text], ...] = ()
    without: tuple[tuple[str, Text], ...] = ()
    query: tuple[tuple[str, Text], ...] = ()

    def fit(self, caller: Caller, request: Request) -> Fit:
        """Whether it takes `request` as it comes in."""
        if not self.admits(caller):
            return Fit.NO
        if self.sni and request.sni and not any(covers(one, request.sni.lower()) for one in self.sni):
            return Fit.NO
        return every(self._conditions(request))

    def admits(self, caller: Caller) -> bool:
        """Whether it takes any request that comes in so."""
        return (
            (not self.gateways or caller.gateway in self.gateways)
            and (not self.port or not caller.port or self.port == caller.port)
            and (not self.namespace or self.namespace == caller.namespace)
            and all(caller.labels.get(key) == value for key, value in self.labels)
        )

    def _conditions(self, request: Request) -> Iterable[Fit]:
        path, _, query = request.path.partition("?")
        if self.uri:
            yield self.uri.fit(path, ignore_case=self.ignore_case)
        if self.method:
            yield self.method.fit(request.method)
        if self.authority and request.host:
            yield self.authority.fit(request.host)
        yield from (_of(request.headers.get(name), one) for name, one in self.headers)
        if self.query:
            given = dict(parse_qsl(query, keep_blank_values=True))
            yield from (_of(given.get(name), one) for name, one in self.query)
        for name, one in self.without:
            yield _NOT[_of(request.headers.get(name), one)]

    def example(self, request: Request) -> Request:
        """`request`, changed so that it is taken."""
        path = self.uri.example if self.uri else request.path
        if self.query:
            path += "?" + "&".join(f"{name}={one.example}" for name, one in self.query)
        return Request(
            port=request.port,
            method=self.method.example if self.method else request.method,
            path=path or "/",
            host=self.authority.example if self.authority else request.host,
            sni=request.sni,
            headers={name: one.example for name, one in self.headers},
        )


_NOT: Final = {Fit.YES: Fit.NO, Fit.NO: Fit.YES, Fit.UNSURE: Fit.UNSURE}


def _of(value: str | None, condition: Text) -> Fit:
    return Fit.NO if value is None else condition.fit(value)


def http_match(body: Mapping[str, Any], gateways: frozenset[str]) -> Match:
    """The conditions of an HTTPMatchRequest; `gateways` are the full names of its gateways.

    Of one that names gateways Istio asks nothing else about the proxy (sourceMatchHTTP in its route.go).
    """
    get = body.get
    headers, without, query = get("headers"), get("withoutHeaders"), get("queryParams")
    return Match(
        gateways=gateways,
        port=int(get("port") or 0),
        namespace="" if gateways else get("sourceNamespace") or "",
        labels=() if gateways else tuple((get("sourceLabels") or {}).items()),
        uri=text(get("uri")),
        ignore_case=bool(get("ignoreUriCase")),
        method=text(get("method")),
        authority=text(get("authority")),
        headers=_texts(headers) if headers else (),
        without=_texts(without) if without else (),
        query=_texts(query) if query else (),
    )


def l4_match(body: Mapping[str, Any], gateways: frozenset[str]) -> Match:
    """The conditions of an L4MatchAttributes or TLSMatchAttributes."""
    return Match(
        gateways=gateways,
        port=int(body.get("port") or 0),
        namespace=body.get("sourceNamespace") or "",
        labels=tuple((body.get("sourceLabels") or {}).items()),
        sni=tuple(one.lower() for one in body.get("sniHosts") or ()),
    )


def _texts(body: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, Text], ...]:
    return tuple((name.lower(), text(one) or ANY_TEXT) for name, one in body.items())
