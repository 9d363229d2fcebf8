"""A run as one JSON document in the shape of `pulumi preview --json` (sdk/go/common/display/json.go)."""

import json
from collections.abc import Callable
from typing import Any

from tenantmesh.engine.display.wording import printable, printable_state, summed
from tenantmesh.engine.events import (
    Command,
    Diagnostic,
    Event,
    Op,
    RunDone,
    RunStarted,
    Severity,
    Step,
    StepDone,
    StepFailed,
)

_STACK = "pulumi:pulumi:Stack"
_UNLISTED = frozenset({Op.SAME, Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED})


class JsonDisplay:
    """Collects a run's events and writes one document for it when it ends.

    Of `up`, `destroy` and `refresh` the real run is written and the preview before it only when it failed. As Pulumi
    does, it lists what changes and the stack itself, and a replacement as one step. It is written when the display is
    closed, so that there can be more in it.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._start: RunStarted | None = None
        self._steps: list[dict[str, Any]] = []
        self._diagnostics: list[dict[str, Any]] = []
        self._document: dict[str, Any] = {}

    def __call__(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case RunStarted():
                self._start, self._steps, self._diagnostics = event, [], []
            case StepDone(step=step) if step.op not in _UNLISTED or step.type == _STACK:
                self._steps.append(_step(step))
            case StepFailed(step=step, message=message):
                self._steps.append({**_step(step), "failed": True})
                self._diagnostics.append(_diagnostic(step.urn, message, "error"))
            case Diagnostic() if not event.ephemeral and event.severity is not Severity.DEBUG:
                self._diagnostics.append(_diagnostic(event.urn, event.message, event.severity))
            case RunDone():
                self._finish(event)
            case _:
                pass

    def add(self, key: str, value: object) -> None:
        """One more key of the document, after those that Pulumi knows."""
        self._document[key] = value

    def close(self) -> None:
        """Write the document; nothing when no run ended."""
        if self._document:
            self._write(json.dumps(self._document, indent=4, sort_keys=False) + "\n")

    def _finish(self, done: RunDone) -> None:
        start = self._start
        if start is None or (start.preview and done.ok and start.command is not Command.PREVIEW):
            return
        self._document = {
            "config": dict(start.config),
            "steps": self._steps,
            "outputs": printable(done.outputs),
            "diagnostics": self._diagnostics,
            "duration": int(done.seconds * 1e9),
            "changeSummary": {op.value: count for op, count in sorted(summed(done.counts).items())},
            "result": "succeeded" if done.ok else "failed",
        }


def _step(step: Step) -> dict[str, Any]:
    entry: dict[str, Any] = {"op": step.op.value, "urn": step.urn}
    if step.provider:
        entry["provider"] = step.provider
    if step.old is not None:
        entry["oldState"] = printable_state(step.old)
    if step.new is not None:
        entry["newState"] = printable_state(step.new)
    if step.changed:
        entry["diffReasons"] = list(step.changed)
    if step.replaces:
        entry["replaceReasons"] = list(step.replaces)
    if step.op is not Op.SAME:
        entry["detailedDiff"] = {
            path: {"kind": item.kind.value, "inputDiff": item.input_diff}
            for path, item in sorted(step.detailed.items())
        }
    return entry


def _diagnostic(urn: str, message: str, severity: str) -> dict[str, Any]:
    entry = {"urn": urn} if urn else {}
    return {**entry, "message": message, "severity": str(severity)}
