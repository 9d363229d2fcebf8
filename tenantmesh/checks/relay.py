"""Relays: shared workloads that one tenant reaches and that reach another, so that they could carry requests across."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from tenantmesh.checks.context import Context
from tenantmesh.checks.crossing import Crossing
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.outcome import allowing, finding
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.witness import crossing_flow, labelled
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.opening import Direction
from tenantmesh.graph.verdict import Answer

_SHOWN = 8
"""How many tenants a finding names; a relay of a whole cluster would name all."""


class _Way(Struct):
    """Equal openings of several tenants to or from pods of a shared namespace with the same labels."""

    first: Crossing
    tenants: dict[str, Crossing] = field(default_factory=dict[str, Crossing])


def relays(context: Context, found: Iterable[tuple[str, Crossing]]) -> Iterator[Finding]:
    """Shared workloads between two tenants; `found` are all tenants with their network crossings to what is shared.

    A tenant may come with the very crossing of one like it; those with crossings of their own come first.
    """
    into: defaultdict[str, dict[object, _Way]] = defaultdict(dict)
    out_of: defaultdict[str, dict[object, _Way]] = defaultdict(dict)
    ways: dict[int, _Way] = {}
    for tenant, crossing in found:
        way = ways.get(id(crossing))
        if way is None:
            sides = into if crossing.opening.direction is Direction.EGRESS else out_of
            way = ways[id(crossing)] = sides[crossing.namespace].setdefault(_kind(crossing), _Way(crossing))
        way.tenants.setdefault(tenant, crossing)
    for namespace in sorted(into.keys() & out_of.keys()):
        for entering in into[namespace].values():
            for leaving in out_of[namespace].values():
                yield from _relay(context, namespace, entering, leaving)


def _kind(crossing: Crossing) -> object:
    return (tuple(sorted(_labels(crossing).items())), crossing.opening.ports)


def _labels(crossing: Crossing) -> Mapping[str, str]:
    return crossing.opening.peer.labels if crossing.opening.peer else {}


def _relay(context: Context, namespace: str, entering: _Way, leaving: _Way) -> Iterator[Finding]:
    sources, targets = list(entering.tenants), list(leaving.tenants)
    pair = next(((one, two) for one in sources[:2] for two in targets[:2] if one != two), None)
    first, second = _labels(entering.first), _labels(leaving.first)
    if pair is None or any(second.get(key, value) != value for key, value in first.items()):
        return
    middle = labelled(context, namespace, {**first, **second})
    hops = (_through(context, entering.tenants[pair[0]], middle), _through(context, leaving.tenants[pair[1]], middle))
    if any(context.layers.verdict(hop).answer is Answer.DENIED for hop in hops):
        return
    openings = (entering.tenants[pair[0]].opening, leaving.tenants[pair[1]].opening)
    yield finding(
        rules.RELAY,
        sorted({*sources, *targets})[:_SHOWN],
        [one for opening in openings for one in allowing(context, opening.evidence, opening.namespace)],
        witness=", then ".join(map(str, hops)),
        message=f"{middle} is reached by {_some(sources)} and reaches {_some(targets)}",
        evidence=tuple(part for opening in openings for part in opening.evidence),
    )


def _through(context: Context, crossing: Crossing, middle: Workload) -> Flow:
    flow = crossing_flow(context, crossing)
    if crossing.opening.direction is Direction.EGRESS:
        return Flow(flow.source, middle, flow.request)
    return Flow(middle, flow.destination, flow.request)


def _some(tenants: list[str]) -> str:
    names = sorted(tenants)
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} other tenants"
