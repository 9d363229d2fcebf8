"""What a rule asks of a request beyond its port: HTTP's method, path, host and headers, and the name in TLS.

Source: https://docs.cilium.io/en/stable/security/policy/language/#http; expressions have to match in full.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from tenantmesh.graph.fits import Fit, certain, every, some
from tenantmesh.graph.flow import Request
from tenantmesh.graph.network.names import NamePeer, wildcard
from tenantmesh.graph.network.shape import Unreadable, fields, items, text

_RULE: Final = frozenset({"path", "method", "host", "headers", "headerMatches"})
_HEADER: Final = frozenset({"name", "value", "secret", "mismatch"})
# Extended POSIX expressions that Python's would read otherwise.
_FOREIGN: Final = re.compile(r"\[\[[:.=]|\(\?|\\[1-9]")
_REPEATED: Final = re.compile(r"(\\.|\[[^\]]*\]|\w)\{(\d+)[^}]*\}")
_LONGEST: Final = 100
"""How often an example repeats something at most."""
# What an expression has in it, and what stands for it in an example.
_EXAMPLES: Final = (
    (re.compile(r"^\^|\$$"), ""),
    (re.compile(r"\(([^()|]*)(\|[^()]*)?\)"), r"\1"),
    (re.compile(r"(\.|\[[^\]]*\]|\w)[*?]"), ""),
    (re.compile(r"\[\^[^\]]*\]|(?<!\\)\."), "a"),
    (re.compile(r"\[(.)[^\]]*\]"), r"\1"),
    (re.compile(r"\\d"), "1"),
    (re.compile(r"(?<!\\)\+|\\(?=\W)"), ""),
)


class HttpMatch(NamedTuple):
    """One entry of `rules.http`: all that it states has to hold. A header's value None asks for its presence."""

    path: re.Pattern[str] | None = None
    method: re.Pattern[str] | None = None
    host: re.Pattern[str] | None = None
    headers: tuple[tuple[str, str | None], ...] = ()
    secret: bool = False

    def fit(self, request: Request) -> Fit:
        """Whether `request` is one of those."""
        stated = ((self.path, request.path), (self.method, request.method), (self.host, request.host))
        known = all(pattern is None or pattern.fullmatch(value) for pattern, value in stated)
        headers = request.headers
        given = all(name in headers and value in (None, headers[name]) for name, value in self.headers)
        return every((certain(holds=known and given), Fit.UNSURE if self.secret else Fit.YES))


class Level7(NamedTuple):
    """What a rule's ports ask for beyond the port. `http` None asks nothing of HTTP; no `names` ask none of TLS."""

    http: tuple[HttpMatch, ...] | None = None
    names: tuple[NamePeer, ...] = ()

    def example(self, request: Request) -> Request:
        """`request` made to pass, as far as a text for each expression is easily found."""
        sni = self.names[0].example if self.names else request.sni
        if not self.http:
            return replace(request, sni=sni)
        one = self.http[0]
        return replace(
            request,
            sni=sni,
            method=_example(one.method, request.method),
            path=_example(one.path, request.path),
            host=_example(one.host, request.host),
            headers={name: value or "any" for name, value in one.headers},
        )

    def fit(self, request: Request) -> Fit:
        """Whether `request` passes."""
        fits = (
            [certain(holds=any(one.pattern.fullmatch(request.sni.lower()) for one in self.names))] if self.names else []
        )
        if self.http is not None:
            fits.append(some(one.fit(request) for one in self.http) if request.method else Fit.NO)
        return every(fits)


def level7(body: Mapping[str, Any], path: str) -> Level7:
    """What an entry of `toPorts` asks beyond ports. Unreadable when it asks for another protocol's rules."""
    names = tuple(wildcard(text(one, f"{path}.serverNames")) for one in items(body.get("serverNames"), path))
    rules = fields(body.get("rules"), f"{path}.rules", frozenset({"http", "dns"}))
    if rules.get("dns"):
        raise Unreadable(f"{path}.rules.dns", "which names are asked of DNS is not modelled")
    http = items(rules.get("http"), f"{path}.rules.http")
    read = tuple(_http(one, f"{path}.rules.http[{index}]") for index, one in enumerate(http))
    return Level7(read or None, names)


def _http(body: Any, path: str) -> HttpMatch:
    known = fields(body, path, _RULE)
    patterns = [_pattern(known.get(name), f"{path}.{name}") for name in ("path", "method", "host")]
    headers = [_spelled(text(one, path)) for one in items(known.get("headers"), f"{path}.headers")]
    secret = False
    for index, one in enumerate(items(known.get("headerMatches"), f"{path}.headerMatches")):
        header = fields(one, f"{path}.headerMatches[{index}]", _HEADER)
        if header.get("mismatch"):
            continue  # whatever the header is, the rule matches: the mismatch is only logged or mended
        secret = secret or bool(header.get("secret"))
        value = header.get("value") if not header.get("secret") else None
        headers.append((text(header.get("name"), path).lower(), value or None))
    return HttpMatch(patterns[0], patterns[1], patterns[2], tuple(headers), secret)


def _spelled(header: str) -> tuple[str, str | None]:
    """`X-My-Header: value` or `X-My-Header`."""
    name, _, value = header.partition(" ")
    return name.rstrip(":").lower(), value or None


def _pattern(body: Any, path: str) -> re.Pattern[str] | None:
    if body is None or body == "":
        return None
    spelled = text(body, path)
    if _FOREIGN.search(spelled):
        raise Unreadable(path, f"the expression {spelled!r} is not read the same way everywhere")
    return _compiled(spelled, path)


@lru_cache(maxsize=1 << 10)
def _compiled(spelled: str, path: str) -> re.Pattern[str]:
    try:
        return re.compile(spelled)
    except re.error as error:
        raise Unreadable(path, f"the expression {spelled!r} is none: {error}") from error


def _example(pattern: re.Pattern[str] | None, usual: str) -> str:
    """A text that `pattern` matches: the usual one, or one made from it, as far as that is easily found."""
    if pattern is None or pattern.fullmatch(usual):
        return usual
    made = _REPEATED.sub(lambda found: found[1] * min(int(found[2]), _LONGEST), pattern.pattern)
    for part, instead in _EXAMPLES:
        made = part.sub(instead, made)
    first = made.partition("|")[0]
    return next((one for one in (made, first) if pattern.fullmatch(one)), usual)
