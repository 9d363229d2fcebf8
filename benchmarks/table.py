"""A benchmark's result as a table, in Markdown and aligned, so that a terminal and a page show the same."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text under headings, with a title and a line that says how to read them."""

    title: str
    note: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """The whole table; the first column is aligned left and all others right."""
        lines = [self.headings, *self.rows]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.headings))]
        rule = [f"{':' if not at else '-'}{'-' * (width - 2)}{':' if at else '-'}" for at, width in enumerate(widths)]
        drawn = [_line(self.headings, widths), f"| {' | '.join(rule)} |", *(_line(row, widths) for row in self.rows)]
        return "\n".join([f"### {self.title}", "", *drawn, "", self.note, ""])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return f"| {' | '.join(padded)} |"


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds with a sensible number of digits."""
    value = seconds * 1000
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def times(ratio: float) -> str:
    """A ratio, such as `12.3x`."""
    return f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.1f}x"


def size(count: float) -> str:
    """Bytes as KB or MB."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} KB"
