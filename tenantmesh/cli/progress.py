"""Progress of building and starting the control plane, on a terminal or as lines."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console

from tenantmesh.cluster import OnProgress, Step


@contextmanager
def shown_progress() -> Generator[OnProgress]:
    """A callback that shows each step on stderr while the block lasts: one changing line, or a line for each text."""
    console = Console(stderr=True)
    if not console.is_terminal:
        said: set[str] = set()
        yield lambda step: _say_once(console, said, step)
        return
    with console.status("starting") as status:
        yield lambda step: status.update(_text(step))


def _say_once(console: Console, said: set[str], step: Step) -> None:
    if step.text not in said:
        said.add(step.text)
        console.print(step.text, markup=False, highlight=False)


def _text(step: Step) -> str:
    if step.done is None:
        return step.text
    return f"{step.text} ({step.done}/{step.total})" if step.total else f"{step.text} ({step.done})"
