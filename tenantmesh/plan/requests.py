"""HTTP routes of a VirtualService from an App's rules, at the gateway narrowed to the paths that its routes open."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tenantmesh.plan.kinds import networking
from tenantmesh.spec.durations import written
from tenantmesh.spec.traffic import (
    CorsSpec,
    FaultSpec,
    MatchSpec,
    RedirectSpec,
    RetriesSpec,
    RuleSpec,
    TextMatch,
    TrafficSpec,
    Weights,
)

Destination = networking.VirtualServiceHttpMirror


class Path(NamedTuple):
    """A condition on the URL path: to the letter, or a beginning that ends in a slash."""

    exact: bool
    text: str

    def within(self, other: "Path") -> "Path | None":
        """What both take; None for nothing."""
        if self == other:
            return self
        if not other.exact and self.text.startswith(other.text):
            return self
        return other if not self.exact and other.text.startswith(self.text) else None

    @property
    def body(self) -> networking.VirtualServiceHttpCorsPolicyAllowOrigins:
        """The condition as Istio writes it."""
        return {"exact": self.text} if self.exact else {"prefix": self.text}


def exactly(path: str) -> tuple[Path, ...]:
    """The path to the letter."""
    return (Path(exact=True, text=path),)


def under(prefix: str) -> tuple[Path, ...]:
    """Whole path segments, as Gateway API has it: the prefix `/api` is `/api` and all under `/api/`, not `/apiary`."""
    return (
        (Path(exact=False, text=prefix),)
        if prefix.endswith("/")
        else (Path(exact=True, text=prefix), Path(exact=False, text=f"{prefix}/"))
    )


class _Way(NamedTuple):
    """A condition, and the path that the App sees instead ("" for the one that was asked)."""

    match: networking.VirtualServiceHttpMatch | None
    path: str


def http_routes(
    traffic: TrafficSpec, destination: Destination, opened: Sequence[Path] = ()
) -> list[networking.VirtualServiceHttp]:
    """A route for each rule, and for each path that it rewrites to; `opened`: only these paths, in their order."""
    found: list[networking.VirtualServiceHttp] = []
    for rule in traffic.all_rules:
        for path, ways in itertools.groupby(_ways(rule, opened), key=lambda way: way.path):
            matches = [way.match for way in ways if way.match is not None]
            found.append(_route(rule, traffic, destination, path, matches))
    return found


def _ways(rule: RuleSpec, opened: Sequence[Path]) -> list[_Way]:
    """By what is rewritten, so that equal ones are neighbours; otherwise as they are written."""
    ways = [way for one in rule.match or (MatchSpec(),) for way in _narrowed(one, rule, opened)]
    return sorted(ways, key=lambda way: way.path)


def _narrowed(match: MatchSpec, rule: RuleSpec, opened: Sequence[Path]) -> Iterator[_Way]:
    other = _conditions(match)
    own = exactly(match.path) if match.path else under(match.prefix) if match.prefix else ()
    target = rule.rewrite.path if rule.rewrite else ""
    if not own:
        yield from (_Way({"uri": path.body, **other}, "") for path in opened)
        if not opened:
            yield _Way(other or None, "")
    for mine, theirs in itertools.product(own, opened or own):
        both = mine.within(theirs) if opened else mine if mine is theirs else None
        if both:
            yield _Way({"uri": both.body, **other}, _rewritten(target, mine, both))


def _rewritten(target: str, mine: Path, both: Path) -> str:
    """Envoy replaces all that is matched: what stands after the rule's own prefix has to be said again."""
    if not target:
        return ""
    base = target if mine.exact else f"{target.rstrip('/')}/"
    return base + both.text[len(mine.text) :]


def _conditions(match: MatchSpec) -> networking.VirtualServiceHttpMatch:
    made: networking.VirtualServiceHttpMatch = {}
    if match.headers:
        made["headers"] = {name: _text(value) for name, value in match.headers}
    if match.methods:
        only = len(match.methods) == 1
        made["method"] = {"exact": match.methods[0]} if only else {"regex": "|".join(match.methods)}
    if match.query:
        made["queryParams"] = {name: {"exact": value} for name, value in match.query}
    return made


def _text(match: TextMatch) -> networking.VirtualServiceHttpCorsPolicyAllowOrigins:
    if match.exact:
        return {"exact": match.exact}
    if match.prefix:
        return {"prefix": match.prefix}
    return {"regex": match.regex} if match.regex else {}


def _route(
    rule: RuleSpec,
    traffic: TrafficSpec,
    destination: Destination,
    path: str,
    matches: list[networking.VirtualServiceHttpMatch],
) -> networking.VirtualServiceHttp:
    made: networking.VirtualServiceHttp = {}
    if matches:
        made["match"] = matches
    if rule.redirect:
        made["redirect"] = _redirect(rule.redirect)
        return made
    made["route"] = _shares(traffic.weights(rule), destination)
    rewrite = _rewrite(rule, path)
    if rewrite:
        made["rewrite"] = rewrite
    if rule.timeout:
        made["timeout"] = written(rule.timeout)
    if rule.retries:
        made["retries"] = _retries(rule.retries)
    if rule.fault:
        made["fault"] = _fault(rule.fault)
    if rule.mirror:
        copied: networking.VirtualServiceHttpMirrors = {
            "destination": {**destination, "subset": rule.mirror.version},
            "percentage": {"value": rule.mirror.percent},
        }
        made["mirrors"] = [copied]
    if rule.cors:
        made["corsPolicy"] = _cors(rule.cors)
    return made


def _shares(weights: Weights, destination: Destination) -> list[networking.VirtualServiceHttpRoute]:
    if not weights:
        return [{"destination": destination}]
    given = [(version, share) for version, share in weights if share]
    return [{"destination": {**destination, "subset": version}, "weight": share} for version, share in given]


def _redirect(redirect: RedirectSpec) -> networking.VirtualServiceHttpRedirect:
    made: networking.VirtualServiceHttpRedirect = {"redirectCode": redirect.code}
    if redirect.path:
        made["uri"] = redirect.path
    if redirect.host:
        made["authority"] = redirect.host
    return made


def _rewrite(rule: RuleSpec, path: str) -> networking.VirtualServiceHttpRewrite:
    made: networking.VirtualServiceHttpRewrite = {}
    if path:
        made["uri"] = path
    if rule.rewrite and rule.rewrite.host:
        made["authority"] = rule.rewrite.host
    return made


def _retries(retries: RetriesSpec) -> networking.VirtualServiceHttpRetries:
    made: networking.VirtualServiceHttpRetries = {"attempts": retries.attempts}
    if retries.attempts:
        made["retryOn"] = ",".join(retries.on)
    if retries.attempts and retries.per_try_timeout:
        made["perTryTimeout"] = written(retries.per_try_timeout)
    return made


def _fault(fault: FaultSpec) -> networking.VirtualServiceHttpFault:
    made: networking.VirtualServiceHttpFault = {}
    if fault.delay:
        made["delay"] = {"fixedDelay": written(fault.delay.duration), "percentage": {"value": fault.delay.percent}}
    if fault.abort:
        made["abort"] = {"httpStatus": fault.abort.status, "percentage": {"value": fault.abort.percent}}
    return made


def _cors(cors: CorsSpec) -> networking.VirtualServiceHttpCorsPolicy:
    made: networking.VirtualServiceHttpCorsPolicy = {
        "allowMethods": list(cors.methods),
        "allowOrigins": [{"exact": origin} for origin in cors.origins],
    }
    lists: Mapping[str, Iterable[str]] = {"allowHeaders": cors.headers, "exposeHeaders": cors.expose_headers}
    made.update({key: list(values) for key, values in lists.items() if values})  # type: ignore[typeddict-item]
    if cors.max_age:
        made["maxAge"] = written(cors.max_age)
    if cors.credentials:
        made["allowCredentials"] = True
    return made
