"""Ways into a pod by one rule each, and what is found to get through them."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.identity.conditions import Condition
from tenantmesh.graph.identity.members import near_to
from tenantmesh.graph.identity.policies import Policy, Rule
from tenantmesh.graph.identity.who import IDENTITY, Identities, Meaning
from tenantmesh.graph.nearby import Nearby

_OF_CONNECTION: Final = frozenset({"destination.ip", "destination.port", "source.ip"})


class Denials:
    """The policies that may refuse at one kind of pods, with what all ways into it have of them in common."""

    def __init__(self, policies: Sequence[Policy], identities: Identities, *, by_connection: bool) -> None:
        self.policies = policies
        self.rules = [rule for policy in policies for rule in policy.rules]
        self._identities = identities
        self._by_connection = by_connection

    def seen(self, group: tuple[Condition, ...]) -> tuple[Condition, ...]:
        """The conditions that the destination's proxy looks at: ztunnel reads connections only."""
        if not self._by_connection:
            return group
        return tuple(one for one in group if one.attribute in IDENTITY or one.attribute in _OF_CONNECTION)

    def told_apart(self, rules: Iterable[Rule]) -> tuple[Condition, ...]:
        """All conditions of some rules, each once."""
        groups = (group for rule in rules for group in (*rule.sources, *rule.operations))
        return tuple(dict.fromkeys(one for group in groups for one in self.seen(group)))

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Those of all rules."""
        return self.told_apart(self.rules)

    def about(self, principal: str | None) -> Sequence[Rule]:
        """The rules that may be about somebody of this name."""
        return self.rules if self._by_connection else near_to(self._near, principal)

    @cached_property
    def _near(self) -> Nearby[Rule]:
        return Nearby((rule, rule.spaces) for rule in self.rules)

    def accounts(self, namespace: str) -> Iterable[str]:
        """The service accounts that the conditions name in a namespace."""
        return (one.account for one in self._accounts.about(namespace) if namespace in one.peers)

    @cached_property
    def _accounts(self) -> Nearby[Meaning]:
        found = (one for one in self._identities.meanings(self.conditions) if one.account)
        return Nearby((one, None if one.peers.everywhere else one.peers.namespaces) for one in found)


class Way(NamedTuple):
    """One way in: a source and an operation of one rule of an ALLOW policy, or of none where nothing is asked.

    `denials` are the policies that may refuse. `doubt` says why the rule is not understood ("" when it is).
    `is_http` says that the rule, by this way or another of its, needs a request: where there is none it is left out
    whole.
    """

    pod: Workload
    source: tuple[Condition, ...]
    operation: tuple[Condition, ...]
    denials: Denials
    policy: Policy | None = None
    path: str = ""
    doubt: str = ""
    is_http: bool = False


class Found(NamedTuple):
    """A request that passes, on which ports others like it do (none is every one), and the service account it needs.

    `is_all`: there is no other port that comes into question.
    """

    request: Request
    ports: tuple[int, ...] = ()
    account: str = ""
    doubt: str = ""
    is_all: bool = False

    def __hash__(self) -> int:
        return hash((self.request.port, self.request.path, self.ports, self.account, self.doubt))


class Covered:
    """Keeps of what was found all that opens more ports than the rest, what surely passes first."""

    def __init__(self) -> None:
        self.found: list[Found] = []

    def add(self, one: Found) -> None:
        """Keep `one` if it opens a port that nothing kept opens as surely."""
        surely = [each for each in self.found if one.doubt or not each.doubt]
        if any(not each.ports for each in surely):
            return
        known = {port for each in surely for port in each.ports}
        if not one.ports or not known.issuperset(one.ports):
            self.found.append(one)

    @property
    def is_all(self) -> bool:
        """Whether what surely passes opens all ports that come into question."""
        return any(each.is_all and not each.doubt for each in self.found)
