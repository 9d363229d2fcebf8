"""Requests that stand for all: for each attribute that policies look at, a value of every kind that they tell apart.

Policies tell texts apart by exact values, beginnings and endings. So every exact value, every beginning with every
ending, and something else stand for all texts. `Attempts.complete` says where that is not so, or there are too many.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any, Final, NamedTuple

from tenantmesh.graph.flow import Request
from tenantmesh.graph.identity.circumstances import FORWARDED
from tenantmesh.graph.identity.conditions import Condition, bracketed, issuer_and_subject
from tenantmesh.graph.identity.patterns import Pattern, path_pattern, pattern

MOST: Final = 1000
"""Requests that are tried at most on one port."""
_TEXTS: Final = {"request.method": "GET", "request.path": "/any", "request.host": "any", "connection.sni": ""}
_TOKENS: Final = "request.auth."
_HEADERS: Final = "request.headers["

Issuers = Sequence[tuple[str, tuple[str, ...]]]


class Attempts(NamedTuple):
    """Requests to try, by port; `other` is a port that no policy names. `complete`: they stand for all there are."""

    ports: tuple[int, ...]
    other: int
    choices: tuple[tuple[str, tuple[Any, ...]], ...]
    complete: bool

    def on(self, port: int) -> Iterator[Request]:
        """The requests on one port, those that are not HTTP last."""
        names = [name for name, _ in self.choices]
        for values in islice(product(*(values for _, values in self.choices)), MOST):
            yield _request(port, dict(zip(names, values, strict=True)))


def attempts(
    wanted: Sequence[Condition],
    others: Sequence[Condition],
    ports: Sequence[int],
    issuers: Issuers,
    only: tuple[int, ...] | None = None,
    shut: frozenset[int] = frozenset(),
) -> Attempts:
    """What to try against the conditions `wanted`, which have to hold, and `others`, which may.

    `ports` are those that the pods are known to listen on, `only` those where it is asked about, None for all that are
    not `shut`.
    """
    numbers, other = _ports(wanted, others, (*ports, *shut), only)
    numbers = tuple(one for one in numbers if one not in shut)
    if not numbers:
        return Attempts((), other, (), complete=True)
    everything = (*wanted, *others)
    choices: dict[str, tuple[Any, ...]] = {}
    complete = True
    headers = (one.attribute for one in everything if one.attribute.startswith(_HEADERS))
    for name, usual in {**_TEXTS, **dict.fromkeys(headers)}.items():
        texts, known = _texts(name, usual, wanted, others)
        choices[name] = tuple(texts)
        complete = complete and known
    if any(one.attribute.startswith(_TOKENS) for one in everything):
        tokens = list(_tokens(wanted, others, issuers))
        choices["token"] = tuple(tokens)
        complete = complete and not any(one.attribute.startswith(_TOKENS) for one in others)
    forwarded = [value.split("/")[0] for one in wanted if one.attribute == "remote.ip" for value in one.values]
    if forwarded:
        choices[FORWARDED] = ("", *forwarded)
    if not any(one.is_http for one in wanted):
        choices["http"] = (True, False)
    size = prod(map(len, choices.values()))
    return Attempts(numbers, other, tuple(choices.items()), complete and size <= MOST)


def guess(wanted: Iterable[Condition], port: int) -> Request:
    """What the conditions ask for by the first value of each, which passes most often."""
    values: dict[str, Any] = dict(_TEXTS)
    for one in wanted:
        if one.values and (one.attribute in _TEXTS or one.attribute.startswith(_HEADERS)):
            make = path_pattern if one.attribute == "request.path" else pattern
            values[one.attribute] = make(one.values[0]).example
    return _request(port, values)


def _ports(
    wanted: Sequence[Condition], others: Sequence[Condition], ports: Sequence[int], only: tuple[int, ...] | None
) -> tuple[tuple[int, ...], int]:
    said = [one for one in wanted if one.attribute == "destination.port" and not one.unknown]
    named = {value for one in (*said, *others) if one.attribute == "destination.port" for value in one.values}
    named |= {value for one in (*said, *others) if one.attribute == "destination.port" for value in one.not_values}
    known = dict.fromkeys((*ports, *sorted(int(value) for value in named if value.isdigit())))
    other = next(number for number in range(8080, 65536) if number not in known)
    candidates = only if only is not None else (*known, other)
    return tuple(one for one in candidates if all(_admits(each, one) for each in said)), other


def _admits(one: Condition, port: int) -> bool:
    text = str(port)
    return (not one.values or text in one.values) and text not in one.not_values


def _texts(
    name: str, usual: str | None, wanted: Sequence[Condition], others: Sequence[Condition]
) -> tuple[list[str | None], bool]:
    """Values of one attribute, None for its absence; those that `wanted` can't do with are left out."""
    make = path_pattern if name == "request.path" else pattern
    fold = str.lower if name == "request.host" else str
    mine = [one for one in wanted if one.attribute == name and not one.unknown]
    theirs = [one for one in others if one.attribute == name and not one.unknown]
    if not mine and not theirs:
        return [usual], True
    patterns = [make(fold(value)) for one in (*mine, *theirs) for value in (*one.values, *one.not_values)]
    found = list(dict.fromkeys((*_made([one for one in patterns if one.form != "present"]), usual)))
    if name == "request.path":
        found = list(dict.fromkeys(text if text and text.startswith("/") else f"/{text}" for text in found))
    fitting = [text for text in found if all(_holds(one, text, make, fold) for one in mine)]
    # What the rule itself asks for comes first, then what nobody asks about.
    first = [make(fold(value)).example for one in mine for value in one.values]
    ordered = sorted(fitting, key=lambda text: (text not in first, text != usual))
    templates = sum(one.form == "template" for one in patterns)
    return ordered, templates == 0 or len(patterns) == 1


def _made(patterns: Sequence[Pattern]) -> Iterator[str]:
    starts = ["", *dict.fromkeys(one.value for one in patterns if one.form == "prefix")]
    ends = ["", *dict.fromkeys(one.value for one in patterns if one.form == "suffix")]
    for one in patterns:
        yield one.example
    for start, end in product(starts, ends):
        yield f"{start}any{end}"


def _holds(one: Condition, text: str | None, make: Any, fold: Any) -> bool:
    folded = None if text is None else fold(text)
    fits = not one.values or any(make(fold(value)).matches(folded) for value in one.values)
    return fits and not any(make(fold(value)).matches(folded) for value in one.not_values)


def _tokens(wanted: Sequence[Condition], others: Sequence[Condition], issuers: Issuers) -> Iterator[Mapping[str, Any]]:
    """No token, then one for each principal that is named, with all else that the rule asks of tokens."""
    base = _claims(wanted)
    principals = [
        issuer_and_subject(value)
        for one in (*wanted, *others)
        if one.attribute == "request.auth.principal"
        for value in (*one.values, *one.not_values)
    ]
    made = [(issuer.example, subject.example) for issuer, subject in principals]
    for issuer, audiences in issuers:
        made += [(issuer, subject) for subject in dict.fromkeys(each for _, each in made)] or [(issuer, "any")]
        for name, subject in dict.fromkeys(made):
            extra = audiences[:1] if name == issuer else ()
            yield {**base, "request_principal": f"{name}/{subject}", "audiences": (*base.get("audiences", ()), *extra)}
    yield {}


def _claims(wanted: Sequence[Condition]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in wanted:
        example = pattern(one.values[0]).example if one.values else ""
        if not example:
            continue
        if one.attribute == "request.auth.audiences":
            found["audiences"] = (example,)
        elif one.attribute == "request.auth.presenter":
            found["presenter"] = example
        elif one.attribute.startswith("request.auth.claims"):
            inner: dict[str, Any] = found.setdefault("claims", {})
            *names, last = bracketed(one.attribute)
            for name in names:
                inner = inner.setdefault(name, {})
            inner[last] = example
    return found


def _request(port: int, values: Mapping[str, Any]) -> Request:
    sni = values.get("connection.sni") or ""
    if values.get("http") is False:
        return Request(port=port, sni=sni, method="", path="")
    headers = {name[len(_HEADERS) : -1].lower(): text for name, text in values.items() if name.startswith(_HEADERS)}
    if values.get(FORWARDED):
        headers[FORWARDED] = values[FORWARDED]
    return Request(
        port=port,
        sni=sni,
        method=values["request.method"],
        path=values["request.path"],
        host=values["request.host"],
        headers={name: text for name, text in headers.items() if text is not None},
        **values.get("token", {}),
    )
