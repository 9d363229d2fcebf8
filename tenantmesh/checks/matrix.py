"""The matrix in the making: flows between two parties become one edge, with the exact verdict of its best witness."""

from collections.abc import Iterable

from msgspec import Struct, field

from tenantmesh.checks.layers import Flow, Layers
from tenantmesh.checks.proof import Edge, Shown
from tenantmesh.graph.verdict import Answer, Layer, Verdict
from tenantmesh.manifest import ManifestObject, ObjectKey

ANY_PORT = "any"
_WITNESSES = 8
"""How many flows of one cell are tried for one that passes every layer."""


class Cell(Struct, kw_only=True):
    """What is known so far of one edge."""

    source: str
    destination: str
    declared: bool
    reason: str = ""
    ports: set[str] = field(default_factory=set[str])
    paths: set[str] = field(default_factory=set[str])
    layers: set[Layer] = field(default_factory=set[Layer])
    objects: dict[ObjectKey, ManifestObject] = field(default_factory=dict[ObjectKey, ManifestObject])
    flows: list[tuple[Flow, Verdict | None]] = field(default_factory=list[tuple[Flow, Verdict | None]])

    def edge(self, layers: Layers) -> Edge:
        """The edge, shown by a flow that passes all layers if one of those that are known does."""
        flow, verdict = _best(self.flows, layers)
        passed = {one.layer for one in verdict.layers if one.answer is Answer.ALLOWED}
        return Edge(
            source=self.source,
            destination=self.destination,
            ports=(ANY_PORT,) if ANY_PORT in self.ports else tuple(sorted(self.ports, key=_port_order)),
            layers=tuple(layer for layer in Layer if layer in self.layers or layer in passed),
            open=verdict.answer is Answer.ALLOWED,
            declared=self.declared,
            reason=self.reason,
            paths=tuple(sorted(self.paths)),
            shown=Shown(str(flow), verdict, tuple(self.objects[key] for key in sorted(self.objects))),
        )


class Matrix(Struct):
    """The cells that one tenant's openings make, by source, destination and whether they are declared."""

    cells: dict[tuple[str, str, bool], Cell] = field(default_factory=dict[tuple[str, str, bool], Cell])

    def cell(self, source: str, destination: str, *, declared: bool, reason: str = "") -> Cell:
        """The cell of two parties; a declared one and one that nobody declared are two."""
        key = (source, destination, declared)
        found = self.cells.get(key)
        if found is None:
            found = self.cells[key] = Cell(source=source, destination=destination, declared=declared, reason=reason)
        elif reason and reason not in found.reason.split("; "):
            found.reason = f"{found.reason}; {reason}" if found.reason else reason
        return found

    def edges(self, layers: Layers) -> Iterable[Edge]:
        """The edges, in no order."""
        return [cell.edge(layers) for cell in self.cells.values()]


def port_names(ports: tuple[tuple[int, int], ...], protocol: str) -> set[str]:
    """Ranges of ports as people write them."""
    if not ports:
        return {ANY_PORT}
    return {f"{first}/{protocol}" if first == last else f"{first}-{last}/{protocol}" for first, last in ports}


def _port_order(name: str) -> tuple[int, str]:
    first = name.partition("/")[0].partition("-")[0]
    return (int(first) if first.isdigit() else 0, name)


def _best(flows: list[tuple[Flow, Verdict | None]], layers: Layers) -> tuple[Flow, Verdict]:
    """The first flow that passes every layer, else the first."""
    first: tuple[Flow, Verdict] | None = None
    for flow, known in flows[:_WITNESSES]:
        found = (flow, known or layers.verdict(flow))
        if found[1].answer is Answer.ALLOWED:
            return found
        first = first or found
    if first is None:
        raise ValueError("a cell has at least one flow")
    return first
