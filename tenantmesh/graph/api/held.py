"""Which subjects hold which powers, binding by binding."""

from collections.abc import Iterable
from typing import NamedTuple

from tenantmesh.graph.api.bindings import Binding
from tenantmesh.graph.api.powers import Granted, Power, powers
from tenantmesh.graph.api.roles import Role, RoleRule, Roles, Source
from tenantmesh.graph.api.subject import AUTHENTICATED, Subject, SubjectKind
from tenantmesh.graph.verdict import Effect, Evidence

_ANYBODY = Subject(kind=SubjectKind.GROUP, name=AUTHENTICATED)
_UNNAMED = "deletecollection"
"""The verb whose requests never tell a name, so that a rule that is limited to names never fits them."""
_UNKNOWN = Granted(Power.ANYTHING_UNKNOWN, ())
_CYCLE = "holds the rule, and aggregated roles that select one another may keep or lose it"


class Held(NamedTuple):
    """One power of one subject by one rule of a binding's role.

    Without `rule` the power is ANYTHING_UNKNOWN, and `doubts` say what is not understood.
    """

    subject: Subject
    binding: Binding
    place: int
    granted: Granted
    source: Source | None = None
    rule: RoleRule | None = None
    doubts: tuple[Evidence, ...] = ()

    @property
    def power(self) -> Power:
        """What the subject can do."""
        return self.granted.power

    @property
    def implied_by(self) -> Power | None:
        """The power that brings this one with it; None when the rule gives it itself."""
        return self.granted.implied_by

    @property
    def namespace(self) -> str:
        """Where it holds; "" is the whole cluster."""
        return self.binding.namespace

    @property
    def names(self) -> tuple[str, ...]:
        """The objects that it is limited to, none for no limit."""
        return self.rule.names if self.rule and _is_limited(self.rule) else ()

    @property
    def call(self) -> str:
        """One API call that the subject can make by it, in words; "" when none is known."""
        if self.rule is None:
            return ""
        where = f"in namespace {self.namespace}" if self.namespace else "in the whole cluster"
        name = f" {self.names[0]}" if self.names else ""
        verb, resource = self.calls[0]
        return f"{self.subject}: {verb} {resource}{name} {where}"

    @property
    def calls(self) -> tuple[tuple[str, str], ...]:
        """All calls of the power that the rule allows: verb and `resource.group`."""
        found = self.granted.calls
        return tuple(one for one in found if one[0] != _UNNAMED) if self.names else found

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The binding and the rule, or what is not understood of them."""
        if self.rule is None or self.source is None:
            return self.doubts
        return granting(self.binding, (self.place,), self.source, self.rule)


def granting(binding: Binding, places: tuple[int, ...], source: Source, rule: RoleRule) -> tuple[Evidence, ...]:
    """The parts of a binding, and of a role, by which a subject has the right of a rule."""
    bound = f"gives the rights of {binding.role} to this subject"
    effect = Effect.ALLOWS if source.certain else Effect.UNKNOWN
    return (
        *(Evidence(Effect.ALLOWS, bound, binding.object, f"subjects[{place}]") for place in places),
        Evidence(effect, "holds the rule that grants it" if source.certain else _CYCLE, source.object, rule.path),
    )


class Holdings:
    """The powers that roles give; equal lists of rules are looked at once."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles
        # By identity: what is keyed stays alive in the value.
        self._of_rules: dict[int, tuple[tuple[RoleRule, ...], tuple[tuple[RoleRule, Granted], ...]]] = {}
        self._of_grants: dict[int, tuple[RoleRule, tuple[Granted, ...]]] = {}

    def of(self, binding: Binding) -> Iterable[Held]:
        """What the subjects of `binding` hold by it; nothing for what the server itself has made and nobody changed."""
        role = self._roles.find(binding.kind, binding.namespace, binding.name) if binding.kind else None
        if binding.default and role is not None and role.default:
            return
        doubts = _doubts(binding, role)
        for place, subject in enumerate(binding.subjects):
            who = subject or _ANYBODY
            if doubts:
                yield Held(who, binding, place, _UNKNOWN, doubts=doubts)
            for source in role.sources if role else ():
                for rule, granted in self._given(source.rules):
                    yield Held(who, binding, place, granted, source, rule)

    def _given(self, rules: tuple[RoleRule, ...]) -> tuple[tuple[RoleRule, Granted], ...]:
        known = self._of_rules.get(id(rules))
        if known is None:
            given = ((rule, one) for rule in rules for one in self._powers(rule))
            known = rules, tuple((rule, one) for rule, one in given if _is_usable(rule, one))
            self._of_rules[id(rules)] = known
        return known[1]

    def _powers(self, rule: RoleRule) -> tuple[Granted, ...]:
        known = self._of_grants.get(id(rule.grants))
        if known is None:
            known = self._of_grants[id(rule.grants)] = rule, powers(rule.grants)
        return known[1]


def _doubts(binding: Binding, role: Role | None) -> tuple[Evidence, ...]:
    """What is not understood of a binding and its role; a role that is not there may come."""
    if role is not None:
        return (*binding.doubts, *role.doubts)
    if not binding.kind:
        return binding.doubts
    return (*binding.doubts, Evidence(Effect.UNKNOWN, f"{binding.role} is not there", binding.object, "roleRef"))


def _is_usable(rule: RoleRule, granted: Granted) -> bool:
    return not _is_limited(rule) or any(verb != _UNNAMED for verb, _ in granted.calls)


def _is_limited(rule: RoleRule) -> bool:
    """Whether the rule's names keep out a request that tells none; the empty name is such a request's."""
    return bool(rule.names) and "" not in rule.names
