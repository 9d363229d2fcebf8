"""A run as plain lines, for logs and pipes: one line a change, a failure or a message, and a sum at the end."""

from collections.abc import Callable

from tenantmesh.engine.display.wording import (
    WORDS,
    changed_fields,
    counted,
    elapsed,
    heading,
    short_type,
    shown_outputs,
)
from tenantmesh.engine.events import Diagnostic, Event, Op, RunDone, RunStarted, Severity, Step, StepDone, StepFailed


class PlainDisplay:
    """Writes each event as it comes; resources that stay the same are only counted."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._preview = False

    def __call__(self, event: Event) -> None:
        """Take the next event."""
        for line in self._lines(event):
            self._write(line + "\n")

    def close(self) -> None:
        """Nothing is held open."""

    def _lines(self, event: Event) -> list[str]:
        match event:
            case RunStarted():
                self._preview = event.preview
                return [heading(event.command, event.stack, preview=event.preview) + ":"]
            case StepDone() if event.step.op is not Op.SAME:
                return [self._step(event)]
            case StepFailed():
                return [f" ! {_label(event.step)} failed: {event.message}"]
            case Diagnostic() if event.severity is not Severity.DEBUG and not event.ephemeral:
                return [f"   {event.severity.value}: {event.message.rstrip()}"]
            case RunDone():
                return self._sum(event)
            case _:
                return []

    def _step(self, event: StepDone) -> str:
        words = WORDS[event.step.op]
        verb = words.planned if self._preview else words.done
        duration = f"({elapsed(event.seconds)})" if event.seconds >= 1 else ""
        parts = [f"{words.symbol:>2} {_label(event.step)} {verb}", duration, changed_fields(event.step)]
        return " ".join(part for part in parts if part)

    def _sum(self, done: RunDone) -> list[str]:
        lines = [f"Output {line}" for line in shown_outputs(done.outputs)]
        verdict = "" if done.ok else " — failed"
        lines.append(f"Resources: {', '.join(counted(done.counts, preview=self._preview))}{verdict}")
        return [*lines, f"Duration: {elapsed(done.seconds)}"]


def _label(step: Step) -> str:
    return f"{short_type(step.type)} {step.name}"
