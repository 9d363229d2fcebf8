"""Lines of text with styles, which every view is made of."""

import io
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console, Group
from rich.text import Text

from tenantmesh.checks.finding import Severity
from tenantmesh.graph.reading import place_of
from tenantmesh.graph.verdict import Answer
from tenantmesh.manifest import ManifestObject
from tenantmesh.report.cells import State
from tenantmesh.report.wording import clean, label

Part = str | tuple[str, str]
One = TypeVar("One")

SEVERITY = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
ANSWER = {Answer.ALLOWED: "bold green", Answer.DENIED: "bold red", Answer.UNPROVEN: "bold yellow"}
STATE = {
    State.BREACH: "bold red",
    State.UNDECIDED: "bold yellow",
    State.PARTIAL: "bold yellow",
    State.BROKEN: "yellow",
    State.GRANTED: "green",
    State.PASSAGE: "dim",
}


def line(*parts: Part, indent: int = 0) -> Text:
    """One line: plain strings and (string, style) pairs, cleaned of what could steer the terminal."""
    text = Text("  " * indent)
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(clean(words), style)
    return text


def heading(words: str) -> list[Text]:
    """A heading with an empty line before it."""
    return [Text(), line((words, "bold"))]


def section(title: str, lines: Sequence[Text]) -> list[Text]:
    """A heading and its lines; nothing without lines."""
    return [*heading(title), *lines] if lines else []


def first(items: Sequence[One], most: int, indent: int) -> tuple[Sequence[One], list[Text]]:
    """The first `most` items, and a line that counts the others."""
    left = len(items) - most
    return items[:most], [line(f"… and {left:,} more", indent=indent)] if left > 0 else []


def where(one: ManifestObject, path: str = "") -> list[Part]:
    """The object's name and the line that wrote it, or its part `path`."""
    return [label(one), (f"  {place_of(one.source, path)}", "dim")] if one.source else [label(one)]


def plain(view: Group) -> str:
    """`view` as text without colour; lines stay whole, so that they can be searched."""
    console = Console(file=io.StringIO(), color_system=None, width=200, legacy_windows=False, _environ={})
    with console.capture() as capture:
        console.print(view, soft_wrap=True)
    return capture.get()


def group(lines: Iterable[Text]) -> Group:
    """What the console prints."""
    return Group(*lines)
