"""A run as a live tree on a terminal: what changes, what it waits for, counts and elapsed time."""

from collections.abc import Mapping
from time import monotonic
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from tenantmesh.engine.display.wording import (
    SEVERITY_STYLES,
    WORDS,
    changed_fields,
    counted,
    elapsed,
    heading,
    short_type,
    shown_outputs,
)
from tenantmesh.engine.events import (
    Diagnostic,
    Event,
    Op,
    RunDone,
    RunStarted,
    Severity,
    StatusChanged,
    Step,
    StepDone,
    StepFailed,
    StepStarted,
)

_MOST_ROWS: Final = 200
"""A tree with more rows than this ends in a count of the others; nobody reads it."""


class _Row(Struct, frozen=True):
    """One resource in the tree."""

    step: Step
    started: float
    seconds: float | None = None
    waiting: str = ""
    failure: str = ""


class _Run(Struct):
    """What is shown of one run."""

    start: RunStarted
    began: float
    rows: dict[str, _Row] = field(default_factory=dict[str, _Row])
    known: dict[str, Step] = field(default_factory=dict[str, Step])
    done: dict[Op, int] = field(default_factory=dict[Op, int])
    messages: list[Diagnostic] = field(default_factory=list[Diagnostic])


class LiveDisplay:
    """Redraws the tree a few times a second while a run lasts, and leaves it on the screen when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._run: _Run | None = None
        self._live: Live | None = None

    def __call__(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, RunStarted):
            self._start(event)
        elif self._run is not None:
            self._take(event, self._run)

    def close(self) -> None:
        """Leave the terminal as it was; call it also after an error."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _start(self, event: RunStarted) -> None:
        self.close()
        self._run = _Run(event, monotonic())
        self._live = Live(
            console=self._console, get_renderable=self._draw, refresh_per_second=8, vertical_overflow="crop"
        )
        self._live.start()

    def _take(self, event: Event, run: _Run) -> None:
        match event:
            case StepStarted(step=step):
                run.known[step.urn] = step
                if step.op is not Op.SAME:
                    run.rows[step.urn] = _Row(step, monotonic())
            case StepDone(step=step):
                self._end(run, step, seconds=event.seconds, failure="")
            case StepFailed(step=step):
                self._end(run, step, seconds=None, failure=event.message)
                run.messages.append(Diagnostic(severity=Severity.ERROR, message=event.message, urn=step.urn))
            case StatusChanged() if event.urn in run.rows:
                run.rows[event.urn] = replace(run.rows[event.urn], waiting=event.message)
            case Diagnostic() if not event.ephemeral and event.severity is not Severity.DEBUG:
                run.messages.append(event)
            case RunDone():
                self.close()
                self._conclude(run, event)
            case _:
                pass

    def _end(self, run: _Run, step: Step, *, seconds: float | None, failure: str) -> None:
        run.known[step.urn] = step
        if not failure:
            run.done[step.op] = run.done.get(step.op, 0) + 1
        if step.op is not Op.SAME or failure:
            began = run.rows[step.urn].started if step.urn in run.rows else monotonic()
            run.rows[step.urn] = _Row(step, began, monotonic() - began if seconds is None else seconds, "", failure)

    def _draw(self) -> Group | Tree | Text:
        run = self._run
        if run is None:
            return Text("")
        title = Text(heading(run.start.command, run.start.stack, preview=run.start.preview), style="bold")
        sums = ", ".join(counted(run.done, preview=run.start.preview))
        status = Text(f"{sums} · {elapsed(monotonic() - run.began)}", style="dim")
        return Group(_tree(run, title, run.start.preview), status)

    def _conclude(self, run: _Run, done: RunDone) -> None:
        for message in run.messages:
            where = f"{run.known[message.urn].name}: " if message.urn in run.known else ""
            self._console.print(
                Text(
                    f"{message.severity.value}: {where}{message.message.rstrip()}",
                    style=SEVERITY_STYLES[message.severity],
                )
            )
        if done.outputs:
            self._console.print(Text("Outputs", style="bold"))
        for line in shown_outputs(done.outputs):
            self._console.print(Text(f"  {line}"))
        style = "bold" if done.ok else "bold red"
        verdict = "" if done.ok else "failed: "
        self._console.print(
            Text(
                f"{verdict}{', '.join(counted(done.counts, preview=run.start.preview))} in {elapsed(done.seconds)}",
                style,
            )
        )


def _tree(run: _Run, title: Text, preview: bool) -> Tree:  # noqa: FBT001  it is the run's own nature, not a switch
    root = Tree(title, guide_style="dim")
    nodes: dict[str, Tree] = {}
    for count, row in enumerate(list(run.rows.values())):
        if count == _MOST_ROWS:
            root.add(Text(f"… and {len(run.rows) - count} more", style="dim"))
            break
        _node(row.step.urn, run, nodes, root).label = _label(row, preview=preview)
    return root


def _node(urn: str, run: _Run, nodes: dict[str, Tree], root: Tree) -> Tree:
    if urn in nodes:
        return nodes[urn]
    step = run.known.get(urn)
    parent = _node(step.parent, run, nodes, root) if step and step.parent and step.parent in run.known else root
    name = f"{short_type(step.type)} {step.name}" if step else urn
    nodes[urn] = parent.add(Text(name, style="dim"))
    return nodes[urn]


def _label(row: _Row, *, preview: bool) -> Text:
    words = WORDS[row.step.op]
    running = row.seconds is None and not row.failure
    verb = words.planned if preview else words.running if running else words.done
    seconds = monotonic() - row.started if running else row.seconds or 0
    notes: Mapping[str, str] = {
        f"{words.symbol} {short_type(row.step.type)} {row.step.name}": words.style,
        " failed" if row.failure else f" {verb}": "red bold" if row.failure else words.style,
        f" ({elapsed(seconds)})" if seconds >= 1 and not preview else "": "dim",
        f" {row.waiting}" if row.waiting else "": "dim italic",
        f" {changed_fields(row.step)}".rstrip(): "dim",
    }
    label = Text()
    for text, style in notes.items():
        label.append(text, style)
    return label
