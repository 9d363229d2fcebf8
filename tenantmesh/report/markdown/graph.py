"""Changed connections as a Mermaid flowchart, bounded, with every name encoded."""

import re
from collections.abc import Sequence

from tenantmesh.checks.differences.difference import Difference
from tenantmesh.checks.proof import Edge
from tenantmesh.report.cells import State, States, ports
from tenantmesh.report.wording import clean, shortened

_EDGES = 30
_NAME = 40
_PLAIN = re.compile(r"[A-Za-z0-9 ./,_*→-]")
_OPENS, _WIDENS, _NARROWS, _CLOSES = ("==>", "opens"), ("-->", "widens"), ("-->", "narrows"), ("-.->", "closes")
_WARNING = "stroke:#d1242f"

Arrow = tuple[Edge, tuple[str, str], bool]


def chart(difference: Difference) -> str:
    """A fenced flowchart of the worst changed edges; "" when none changed."""
    arrows = _arrows(difference)
    if not arrows:
        return ""
    shown = arrows[:_EDGES]
    names = list(dict.fromkeys(end for edge, _, _ in shown for end in (edge.source, edge.destination)))
    number = {name: f"n{index}" for index, name in enumerate(names)}
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'  {number[name]}["{encoded(name)}"]' for name in names]
    lines += [_line(number, edge, *way) for edge, way, _ in shown]
    lines += [f"  linkStyle {index} {_WARNING}" for index, (_, _, bad) in enumerate(shown) if bad]
    rest = len(arrows) - len(shown)
    return "\n".join([*lines, "```", *([f"\n{rest:,} more are not drawn."] if rest else [])])


def encoded(text: str) -> str:
    """`text` for a quoted label: all but plain characters as Mermaid's `#number;`."""
    return "".join(
        one if _PLAIN.fullmatch(one) else f"#{ord(one)};" for one in shortened(clean(text), _NAME) or "(none)"
    )


def _arrows(difference: Difference) -> Sequence[Arrow]:
    after, before = States(difference.head), States(difference.base)
    return [
        *((edge, _OPENS, after[edge] is State.BREACH) for edge in after.worst_first(difference.opened)),
        *((edge, _WIDENS, after[edge] is State.BREACH) for _, edge in difference.widened),
        *((edge, _CLOSES, False) for edge in before.worst_first(difference.closed)),
        *((edge, _NARROWS, False) for _, edge in difference.narrowed),
    ]


def _line(number: dict[str, str], edge: Edge, arrow: str, verb: str) -> str:
    told = f"{verb} {encoded(ports(edge))}"
    return f'  {number[edge.source]} {arrow}|"{told}"| {number[edge.destination]}'
