"""Which subjects hold which powers, binding by binding."""

from collections.abc import Iterable
from dataclasses import dataclass

from tenantmesh.graph.api.bindings import Binding
from tenantmesh.graph.api.powers import IMPLIED, Granted, Power, powers
from tenantmesh.graph.api.roles import Role, RoleRule, Roles
from tenantmesh.graph.api.subject import AUTHENTICATED, Subject, SubjectKind
from tenantmesh.graph.verdict import Effect, Evidence

_ANYBODY = Subject(kind=SubjectKind.GROUP, name=AUTHENTICATED)
_UNNAMED = ("deletecollection",)
"""Verbs whose requests never tell a name, so that a rule that is limited to names never fits them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One power of one subject by one rule, in `namespace` ("" is the whole cluster).

    `names` are the objects that it is limited to, none for no limit; `implied_by` is the power that brings this one.
    Without `rule` the power is ANYTHING_UNKNOWN, and `doubts` say what is not understood.
    """

    subject: Subject
    power: Power
    namespace: str
    binding: Binding
    place: int
    verbs: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    implied_by: Power | None = None
    role: Role | None = None
    rule: RoleRule | None = None
    doubts: tuple[Evidence, ...] = ()

    @property
    def call(self) -> str:
        """One API call that the subject can make by it, in words; "" when none is known."""
        if self.rule is None:
            return ""
        where = f"in namespace {self.namespace}" if self.namespace else "in the whole cluster"
        name = f" {self.names[0]}" if self.names else ""
        return f"{self.subject}: {self.verbs[0]} {self.resources[0]}{name} {where}"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The binding and the rule, or what is not understood of them."""
        if self.rule is None:
            return self.doubts
        return granting(self.binding, (self.place,), self.rule)


def granting(binding: Binding, places: tuple[int, ...], rule: RoleRule) -> tuple[Evidence, ...]:
    """The parts of a binding, and of a role, by which a subject has the right of a rule."""
    bound = f"gives the rights of {binding.role} to this subject"
    effect = Effect.ALLOWS if rule.certain else Effect.UNKNOWN
    return (
        *(Evidence(Effect.ALLOWS, bound, binding.object, f"subjects[{place}]") for place in places),
        Evidence(effect, "holds the rule that grants it" if rule.certain else _CYCLE, rule.object, rule.path),
    )


def doubts_of(binding: Binding, role: Role | None) -> tuple[Evidence, ...]:
    """What is not understood of a binding and its role; a role that is not there may come."""
    if role is None and binding.kind:
        return (*binding.doubts, Evidence(Effect.UNKNOWN, f"{binding.role} is not there", binding.object, "roleRef"))
    return (*binding.doubts, *(role.doubts if role else ()))


class Holdings:
    """The powers that roles give, each role looked at once."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles
        self._of_grants: dict[int, tuple[Granted, ...]] = {}
        self._of_role: dict[int, tuple[tuple[RoleRule, Granted], ...]] = {}

    def of(self, binding: Binding) -> Iterable[Held]:
        """What the subjects of `binding` hold by it; nothing for what the server itself has made and nobody changed."""
        role = self._roles.find(binding.kind, binding.namespace, binding.name) if binding.kind else None
        if binding.default and role is not None and role.default:
            return
        doubts = doubts_of(binding, role)
        for place, subject in enumerate(binding.subjects):
            who = subject or _ANYBODY
            if doubts:
                yield Held(
                    subject=who,
                    power=Power.ANYTHING_UNKNOWN,
                    namespace=binding.namespace,
                    binding=binding,
                    place=place,
                    role=role,
                    doubts=doubts,
                )
            for rule, granted in self._given(role) if role else ():
                yield from _held(who, place, binding, role, rule, granted)

    def _given(self, role: Role) -> tuple[tuple[RoleRule, Granted], ...]:
        found = self._of_role.get(id(role))
        if found is None:
            found = tuple((rule, one) for rule in role.rules for one in self._powers(rule) if _usable(rule, one))
            self._of_role[id(role)] = found
        return found

    def _powers(self, rule: RoleRule) -> tuple[Granted, ...]:
        # The roles keep what is granted, so an identity stays that of one object.
        found = self._of_grants.get(id(rule.grants))
        if found is None:
            found = self._of_grants[id(rule.grants)] = powers(rule.grants)
        return found


_CYCLE = "holds the rule, and aggregated roles that select one another may keep or lose it"


def _usable(rule: RoleRule, granted: Granted) -> bool:
    return not _limits(rule) or any(verb not in _UNNAMED for verb in granted.verbs)


def _limits(rule: RoleRule) -> bool:
    """Whether the rule's names keep out a request that tells none; the empty name is such a request's."""
    return bool(rule.names) and "" not in rule.names


def _held(
    subject: Subject, place: int, binding: Binding, role: Role | None, rule: RoleRule, granted: Granted
) -> Iterable[Held]:
    limited = _limits(rule)
    verbs = tuple(verb for verb in granted.verbs if verb not in _UNNAMED) if limited else granted.verbs
    for power in (granted.power, *IMPLIED.get(granted.power, ())):
        yield Held(
            subject=subject,
            power=power,
            namespace=binding.namespace,
            binding=binding,
            place=place,
            verbs=verbs,
            resources=granted.resources,
            names=rule.names if limited else (),
            implied_by=None if power is granted.power else granted.power,
            role=role,
            rule=rule,
        )
