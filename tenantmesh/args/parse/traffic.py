"""Reads TrafficArgs and holds its rules to the App's versions and ports."""

import re
from collections.abc import Iterable
from typing import Any

from tenantmesh.args.parse.choices import DURATION, one_of, percentage, some_of
from tenantmesh.args.parse.fields import COUNT, PLAIN_HOST, TEXT, method_problem, path_problem
from tenantmesh.args.parse.limits import BALANCER, OUTLIERS, POOL, token_problem
from tenantmesh.args.parse.readers import (
    Reader,
    boolean,
    did_you_mean,
    integer,
    names,
    pairs,
    record,
    several,
    text,
)
from tenantmesh.spec.app import AppSpec
from tenantmesh.spec.traffic import (
    AbortSpec,
    CorsSpec,
    DelaySpec,
    FaultSpec,
    MatchSpec,
    MirrorSpec,
    RedirectSpec,
    RetriesSpec,
    RewriteSpec,
    RuleSpec,
    TextMatch,
    TrafficSpec,
)

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
_REDIRECTS = (301, 302, 303, 307, 308)
_CONDITIONS = frozenset(
    (
        *("5xx", "cancelled", "connect-failure", "deadline-exceeded", "envoy-ratelimited", "gateway-error", "internal"),
        *("refused-stream", "reset", "reset-before-request", "resource-exhausted", "retriable-4xx", "unavailable"),
    )
)
"""Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on, without those that need further headers."""


def _path_problem(value: str) -> str:
    return f"{value!r} has a '*': write it as it is" if "*" in value else path_problem(value)


def _origin_problem(value: str) -> str:
    return "" if _ORIGIN.fullmatch(value) else f"{value!r} is not an origin such as https://shop.example.com"


def _condition_problem(value: str) -> str:
    if value in _CONDITIONS or re.fullmatch(r"[2-5][0-9][0-9]", value):
        return ""
    return f"{value!r} is no condition of Envoy and no status{did_you_mean(value, _CONDITIONS)}"


def _lower(reader: Reader) -> Reader:
    """Names of headers, which istiod wants in lower case."""

    def read(value: Any, path: str, problems: list[str]) -> Any:
        found = reader(value, path, problems)
        return found and tuple(sorted((str(key).lower(), item) for key, item in found))

    return read


def _code_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    code = found.get("code", 302)
    return [] if code in _REDIRECTS else [("code", f"{code} is none of {', '.join(map(str, _REDIRECTS))}")]


def _weights_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    total = sum(share for _, share in found.get("weights", ()))
    return [] if "weights" not in found or total == 100 else [("weights", f"are {total} together: make them 100")]


def _alone_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    if "redirect" not in found:
        return []
    return [(key, "can't stand beside redirect: leave one out") for key in found if key not in ("redirect", "match")]


def _try_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    whole, retries = found.get("timeout", 0), found.get("retries")
    if whole and retries and retries.per_try_timeout > whole:
        return [("retries.per_try_timeout", "is longer than the timeout of all tries: shorten it")]
    return []


def _prefix_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    rewrite = found.get("rewrite")
    if rewrite and rewrite.path and not all(one.path or one.prefix for one in found.get("match") or (MatchSpec(),)):
        return [("rewrite.path", "replaces a path or prefix that is matched: give each match one")]
    return []


def _rules_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    rules = found.get("rules", ())
    return [
        (f"rules[{i}].match", "is missing: only the last rule takes all")
        for i, r in enumerate(rules[:-1])
        if not r.match
    ]


_PATH, _TOKENS, _METHODS = text(_path_problem), names(token_problem), names(method_problem, least=1)
TEXT_MATCH = record(
    TextMatch, dict.fromkeys(("exact", "prefix", "regex"), TEXT), rules=[one_of("exact", "prefix", "regex")]
)
MATCH = record(
    MatchSpec,
    {
        "path": _PATH,
        "prefix": _PATH,
        "methods": _METHODS,
        "headers": _lower(pairs(TEXT_MATCH, token_problem)),
        "query": pairs(TEXT),
    },
    rules=[one_of("path", "prefix"), some_of("path", "prefix", "methods", "headers", "query")],
)
REDIRECT = record(
    RedirectSpec,
    {"path": _PATH, "host": PLAIN_HOST, "code": COUNT},
    rules=[_code_rule, some_of("path", "host")],
)
RETRIES = record(
    RetriesSpec,
    {"attempts": COUNT, "per_try_timeout": DURATION, "on": names(_condition_problem, least=1)},
    required=["attempts"],
)
FAULT = record(
    FaultSpec,
    {
        "delay": record(DelaySpec, {"duration": DURATION, "percent": percentage}, required=["duration"]),
        "abort": record(
            AbortSpec, {"status": integer(200, 599, "an HTTP status"), "percent": percentage}, required=["status"]
        ),
    },
    rules=[some_of("delay", "abort")],
)
CORS = record(
    CorsSpec,
    {
        "origins": names(_origin_problem, least=1),
        "methods": _METHODS,
        "headers": _TOKENS,
        "expose_headers": _TOKENS,
        "max_age": DURATION,
        "credentials": boolean,
    },
    required=["origins"],
)
RULE = record(
    RuleSpec,
    {
        "match": several(MATCH, 1),
        "weights": pairs(integer(0, 100, "a percentage")),
        "rewrite": record(RewriteSpec, {"path": _PATH, "host": PLAIN_HOST}, rules=[some_of("path", "host")]),
        "redirect": REDIRECT,
        "timeout": DURATION,
        "retries": RETRIES,
        "fault": FAULT,
        "mirror": record(MirrorSpec, {"version": TEXT, "percent": percentage}, required=["version"]),
        "cors": CORS,
    },
    rules=[_weights_rule, _alone_rule, _try_rule, _prefix_rule],
)
CANARY = record(
    dict,
    {"version": TEXT, "percent": integer(0, 100, "a percentage"), "stable": TEXT},
    required=["version", "percent"],
)
TRAFFIC = record(
    dict,
    {
        "rules": several(RULE),
        "canary": CANARY,
        "connection_pool": POOL,
        "outlier_detection": OUTLIERS,
        "load_balancer": BALANCER,
    },
    rules=[_rules_rule],
)
"""The fields of TrafficArgs; the App puts them together, for the canary's other version is one of its own."""


def traffic_problems(app: AppSpec) -> Iterable[str]:
    """What the rules say of versions and ports that the App does not have."""
    spec, known = app.traffic or TrafficSpec(), sorted(version.name for version in app.versions)
    if (spec.rules or spec.canary) and not app.speaks_http:
        yield f"{'rules' if spec.rules else 'canary'}: needs an HTTP port, and the App has none"
    for path, name in _named(spec):
        if name and name not in known:
            yield f"{path}: {name!r} is none of the App's versions{did_you_mean(name, known)}"
    if spec.canary and not spec.canary.stable:
        yield "canary.stable: is missing: name the version that has the rest"
    if spec.canary and spec.canary.version == spec.canary.stable:
        yield "canary.stable: is the new version itself: name the other"


def _named(spec: TrafficSpec) -> Iterable[tuple[str, str]]:
    for index, rule in enumerate(spec.rules):
        yield from ((f"rules[{index}].weights", name) for name, _ in rule.weights)
        if rule.mirror:
            yield f"rules[{index}].mirror.version", rule.mirror.version
    if spec.canary:
        yield from (("canary.version", spec.canary.version), ("canary.stable", spec.canary.stable))
