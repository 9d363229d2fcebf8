"""Label selectors: compiled once, held against labels, solved for labels that satisfy them.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

from tenantmesh.graph.fits import Fit

_NOTHING: Final[frozenset[str]] = frozenset()
_FIELDS: Final = frozenset({"matchLabels", "matchExpressions"})
_EXPRESSION_FIELDS: Final = frozenset({"key", "operator", "values"})


class Constraint(NamedTuple):
    """What a label's value may be: one of `values`, or with None any but `excluded`; or missing, if `absent`.

    The form is closed under "and" and "not", so that selectors can be solved together.
    """

    values: frozenset[str] | None
    excluded: frozenset[str]
    absent: bool

    def admits(self, value: str | None) -> bool:
        """Whether a label with this value (None: without the label) satisfies it."""
        if value is None:
            return self.absent
        return value not in self.excluded if self.values is None else value in self.values

    def both(self, other: "Constraint") -> "Constraint":
        """This and `other` at once."""
        absent = self.absent and other.absent
        if self.values is None and other.values is None:
            return Constraint(None, self.excluded | other.excluded, absent)
        if self.values is None or other.values is None:
            values = other.values if self.values is None else self.values
            return Constraint((values or _NOTHING) - self.excluded - other.excluded, _NOTHING, absent)
        return Constraint(self.values & other.values, _NOTHING, absent)

    def negated(self) -> "Constraint":
        """What holds exactly when this does not."""
        if self.values is None:
            return Constraint(self.excluded, _NOTHING, not self.absent)
        return Constraint(None, self.values, not self.absent)

    @property
    def satisfiable(self) -> bool:
        """Whether any label, or the lack of it, satisfies it."""
        return self.absent or self.values is None or bool(self.values)

    def example(self) -> str | None:
        """A value that satisfies it; None: without the label."""
        if self.absent:
            return None
        if self.values is not None:
            return min(self.values)
        return next(name for name in _names() if name not in self.excluded)


class Selector(NamedTuple):
    """A label selector as one constraint per key; no constraint selects everything.

    `unknown` says what in it is not understood ("" when all is): then a label set that the rest admits is unsure.
    """

    constraints: tuple[tuple[str, Constraint], ...] = ()
    unknown: str = ""

    def fit(self, labels: Mapping[str, str], given: frozenset[str] = _NOTHING) -> Fit:
        """Whether it selects what has `labels`, and may have those with the keys `given` and any value too."""
        unsure = bool(self.unknown)
        for key, constraint in self.constraints:
            value = labels.get(key)
            if value is None and key in given:
                unsure = True
            elif not constraint.admits(value):
                return Fit.NO
        return Fit.UNSURE if unsure else Fit.YES

    def matches(self, labels: Mapping[str, str], given: frozenset[str] = _NOTHING) -> bool:
        """Whether it selects, or for all that is known may select, what has `labels` and may have those `given`."""
        return self.fit(labels, given) is not Fit.NO

    @property
    def satisfiable(self) -> bool:
        """Whether it can select anything."""
        return all(one.satisfiable for _, one in self.constraints)

    def both(self, other: "Selector") -> "Selector":
        """What selects only what this and `other` select."""
        if not other.constraints or not self.constraints:
            return Selector(self.constraints or other.constraints, self.unknown or other.unknown)
        return _selector((*self.constraints, *other.constraints), self.unknown or other.unknown)


EVERYTHING: Final = Selector()
"""Selects everything: what an empty selector (`{}`) means."""
NOTHING: Final = Selector((("", Constraint(_NOTHING, _NOTHING, absent=False)),))
"""Selects nothing: what a selector that is null means to the API machinery."""


def selector(body: Any) -> Selector:
    """The selector that `body` (a LabelSelector as in YAML) spells; an empty or absent one selects everything.

    Where null means something else it is for the caller to say. What is not understood ends up in `unknown`.
    """
    if not body:
        return EVERYTHING
    if type(body) is not dict and not isinstance(body, Mapping):
        return Selector((), f"{type(body).__name__} instead of a label selector")
    expressions, labels = body.get("matchExpressions"), body.get("matchLabels")
    known = body.keys() <= _FIELDS
    try:
        if known and not expressions:
            return _equal(tuple(labels.items())) if labels else EVERYTHING
        if known and not labels and expressions and len(expressions) == 1:
            return _requirement(*_parts(expressions[0]))
    except (AttributeError, LookupError, TypeError, ValueError):
        pass  # not of the common shapes: what is wrong is found below
    return _general(body, labels or {}, expressions or ())


def assignment(*selectors: Selector) -> dict[str, str] | None:
    """The fewest labels that satisfy all `selectors` at once; None when they contradict one another."""
    constrained = [one.constraints for one in selectors if one.constraints]
    if not constrained:
        return {}
    pairs = constrained[0] if len(constrained) == 1 else _merged(chain.from_iterable(constrained)).items()
    labels: dict[str, str] = {}
    for key, constraint in sorted(pairs, key=itemgetter(0)):
        if not constraint.satisfiable:
            return None
        value = constraint.example()
        if value is not None:
            labels[key] = value
    return labels


def escape(selectors: Iterable[Selector]) -> dict[str, str] | None:
    """Labels that none of `selectors` selects; None when whatever labels there are, one of them does."""
    distinct = dict.fromkeys(one.constraints for one in selectors)
    return None if () in distinct else _escape({}, sorted(distinct, key=len))


def _escape(chosen: Mapping[str, Constraint], left: list[tuple[tuple[str, Constraint], ...]]) -> dict[str, str] | None:
    if not left:
        return assignment(Selector(tuple(chosen.items())))
    for key, constraint in left[0]:
        wanted = constraint.negated()
        wanted = wanted.both(chosen[key]) if key in chosen else wanted
        if wanted.satisfiable:
            found = _escape({**chosen, key: wanted}, left[1:])
            if found is not None:
                return found
    return None


@lru_cache(maxsize=1 << 16)
def _equal(pairs: tuple[tuple[Any, Any], ...]) -> Selector:
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in pairs):
        return Selector((), "matchLabels that are not text")
    return Selector(tuple((key, _one_of((value,))) for key, value in sorted(pairs)))


@lru_cache(maxsize=1 << 16)
def _one_of(values: tuple[str, ...]) -> Constraint:
    return Constraint(frozenset(values), _NOTHING, absent=False)


def _parts(expression: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    if not expression.keys() <= _EXPRESSION_FIELDS:
        raise ValueError
    return expression["key"], expression["operator"], tuple(expression.get("values") or ())


@lru_cache(maxsize=1 << 16)
def _requirement(key: Any, operator: Any, values: tuple[Any, ...]) -> Selector:
    read = _expression({"key": key, "operator": operator, "values": values})
    if isinstance(read, str):
        raise ValueError(read)  # not kept, and said with its place by _general
    return Selector((read,))


def _general(body: Mapping[str, Any], labels: Any, expressions: Any) -> Selector:
    unknown = ", ".join(sorted(str(key) for key in body.keys() - _FIELDS))
    problems = [f"the field {unknown}"] if unknown else []
    found: list[tuple[str, Constraint]] = []
    try:
        equal = _equal(tuple(labels.items()))
        found += equal.constraints
        problems += filter(None, [equal.unknown])
    except (AttributeError, TypeError):  # no map, or a value that can't be hashed
        problems.append("matchLabels that are not text")
    if not isinstance(expressions, list | tuple):
        problems.append("matchExpressions that are no list")
        expressions = ()
    for index, one in enumerate(expressions):
        read = _expression(one)
        if isinstance(read, str):
            problems.append(f"matchExpressions[{index}]: {read}")
        else:
            found.append(read)
    return _selector(found, "; ".join(problems))


def _expression(body: Any) -> tuple[str, Constraint] | str:
    if not isinstance(body, Mapping) or not body.keys() <= _EXPRESSION_FIELDS or not isinstance(body.get("key"), str):
        return "not a requirement of key, operator and values"
    values, operator = body.get("values") or (), body.get("operator")
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        return "values that are not text"
    match operator, bool(values):
        case "In", True:
            return body["key"], _one_of(tuple(values))
        case "NotIn", True:
            return body["key"], Constraint(None, frozenset(values), absent=True)
        case "Exists", False:
            return body["key"], Constraint(None, _NOTHING, absent=False)
        case "DoesNotExist", False:
            return body["key"], Constraint(_NOTHING, _NOTHING, absent=True)
        case _:
            return f"operator {operator!r} with {len(values)} values"


def _selector(pairs: Iterable[tuple[str, Constraint]], unknown: str) -> Selector:
    return Selector(tuple(sorted(_merged(pairs).items(), key=itemgetter(0))), unknown)


def _merged(pairs: Iterable[tuple[str, Constraint]]) -> dict[str, Constraint]:
    merged: dict[str, Constraint] = {}
    for key, constraint in pairs:
        merged[key] = merged[key].both(constraint) if key in merged else constraint
    return merged


def _names() -> Iterable[str]:
    yield "any"
    number = 1
    while True:
        number += 1
        yield f"any-{number}"
