"""The matrix as classes of equal tenants and the edges between them: never N by N cells."""

from rich.text import Text

from tenantmesh.checks.proof import Edge, Proof
from tenantmesh.graph.verdict import Layer
from tenantmesh.report.cells import MEANING, Alike, alike, ports
from tenantmesh.report.text.lines import STATE, first, line
from tenantmesh.report.wording import clean, counted, listed

_GROUPS = 40
_WIDEST = 48


def matrix_lines(proof: Proof) -> list[Text]:
    """The edges in groups of equal ones, how many pairs are closed, and which tenants are equal."""
    groups = alike(proof)
    shown, rest = first(groups, _GROUPS, 1)
    width = max((len(pair(each.edges[0])) for each in shown), default=0)
    lines = [edge_line(each, min(width, _WIDEST)) for each in shown]
    return [*lines, *rest, _closed(proof), *_classes(proof)]


def pair(edge: Edge) -> str:
    """`acme → globex`."""
    return f"{clean(edge.source)} → {clean(edge.destination)}"


def edge_line(group: Alike, width: int) -> Text:
    """One edge for all of its group: who, what, why, and which layers let it through when not all do."""
    edge, state = group.edges[0], group.state
    more = len(group.edges) - 1
    text = line(f"{pair(edge):<{width}}  ", (MEANING[state], STATE[state]), f": {ports(edge)}", indent=1)
    if edge.reason:
        text.append(clean(f' "{edge.reason}"'))
    if not edge.open:
        text.append(f" (let through by {_layers(edge.layers)})")
    if more:
        text.append(f"  and {counted(more, 'pair')} alike", "dim")
    return text


def _layers(layers: tuple[Layer, ...]) -> str:
    return ", ".join(layers) if layers else "no layer"


def _closed(proof: Proof) -> Text:
    tenants = set(proof.tenants)
    pairs = {
        (edge.source, edge.destination)
        for edge in proof.matrix
        if edge.source != edge.destination and edge.source in tenants and edge.destination in tenants
    }
    wild = any("*" in (edge.source, edge.destination) for edge in proof.matrix)
    closed = len(tenants) * (len(tenants) - 1) - len(pairs)
    if closed <= 0 or wild:
        return line("every pair of tenants has an edge above" if tenants else "no tenants", indent=1)
    return line(f"{counted(closed, 'other pair')} of tenants: closed in every layer", indent=1)


def _classes(proof: Proof) -> list[Text]:
    several = [each.tenants for each in proof.classes if len(each.tenants) > 1]
    shown, rest = first(several, _GROUPS, 1)
    return [
        *(line(f"{counted(len(names), 'equal tenant')}: {listed(names)}", indent=1) for names in shown),
        *rest,
    ]
