"""From a gateway: it sends on what its routes say and nothing else."""

from tenantmesh.graph.flow import Endpoint, Outside, Request, Workload
from tenantmesh.graph.routing.answers import Tally
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.verdict import Effect, Evidence, Layer, LayerVerdict


class Forwarding:
    """Verdicts for what comes out of a gateway."""

    def __init__(self, parts: Parts) -> None:
        self._reach = parts.reach
        self._parts = parts

    def verdict(self, source: Workload, destination: Endpoint, request: Request) -> LayerVerdict:
        """Whether some route of gateway `source` sends `request` to `destination`."""
        tally = Tally((*self._parts.filters.on(source), *self._parts.unreadable(source, destination)))
        outcome = self._reach.forward(source, 0, request)
        tally.unknown += outcome.unknown
        for route in self._parts.book.doubtful:
            if any(gateway.key in route.gateways for gateway in self._parts.gateways.serving(source)):
                tally.unknown += route.unknown
        tally.refused += outcome.refused
        for leg in outcome.legs:
            if isinstance(destination, Workload):
                found = (self._reach.forwarded(leg, destination, request), leg.evidence)
            else:
                found = self._reach.outside(leg, destination, request)
            if tally.count(*found):
                break
        if not tally.refused:
            tally.refused.append(Evidence(Effect.DENIES, f"no route through {source} leads to {destination}"))
        return tally.verdict(
            f"a route sends it from the gateway {source} to {destination}",
            f"no route sends it from the gateway {source} to {destination}",
            closing=f"remove the route that leads to {destination}",
            opening=f"bind a route that leads to {destination} to a Gateway that selects {source}",
            layer=Layer.EGRESS if isinstance(destination, Outside) else Layer.ROUTING,
        )
