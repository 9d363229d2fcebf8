"""What `explain` answers: one question, the verdict of each layer, and the hops that a request takes."""

from msgspec import Struct

from tenantmesh.graph.verdict import Answer, Verdict, combine


class Hop(Struct, frozen=True, kw_only=True):
    """One connection of a chain, for instance from a gateway to the workload behind it.

    `source` and `destination` are readable (`acme/web`, `outside`), `request` is what is sent (`GET http://web:9080/`).
    """

    source: str
    destination: str
    request: str
    verdict: Verdict


class Explanation(Struct, frozen=True, kw_only=True):
    """Why `source` reaches `destination` with `request`, or doesn't: all three as text for people.

    `verdict` is that of the direct connection. `hops` are the connections of a way round through others, in the order
    in which they are made; empty when there is only the direct one.
    """

    source: str
    destination: str
    request: str
    verdict: Verdict
    hops: tuple[Hop, ...] = ()

    @property
    def answer(self) -> Answer:
        """Allowed when either the direct connection is or every hop; denied when neither can be; else unproven."""
        direct = self.verdict.answer
        if not self.hops or direct is Answer.ALLOWED:
            return direct
        chain = combine(hop.verdict.answer for hop in self.hops)
        return chain if direct is Answer.DENIED or chain is Answer.ALLOWED else Answer.UNPROVEN
