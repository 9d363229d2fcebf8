"""Ways into a pod by one rule each, and what is found to get through them."""

from typing import NamedTuple

from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.identity.conditions import Condition
from tenantmesh.graph.identity.policies import Policy


class Way(NamedTuple):
    """One way in: a source and an operation of one rule of an ALLOW policy, or of none where nothing is asked.

    `denies` are the policies that may refuse. `doubt` says why the rule is not understood ("" when it is).
    `is_http` says that the rule, by this way or another of its, needs a request: where there is none it is left out
    whole.
    """

    pod: Workload
    source: tuple[Condition, ...]
    operation: tuple[Condition, ...]
    denies: list[Policy]
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
