"""Tells the sink what happens, one event at a time, with secret texts struck out of messages."""

from collections import Counter
from threading import Lock

from tenantmesh.engine.events import (
    Diagnostic,
    Event,
    Op,
    Severity,
    Sink,
    StatusChanged,
    Step,
    StepDone,
    StepFailed,
    StepStarted,
)
from tenantmesh.engine.secrets import Scrubber
from tenantmesh.engine.urn import is_provider


class Reporter:
    """One run's voice; it counts what was done and remembers whether anything failed."""

    def __init__(self, sink: Sink, scrubber: Scrubber) -> None:
        self.scrubber = scrubber
        self.counts: Counter[Op] = Counter()
        self.failed = False
        self._sink = sink
        self._lock = Lock()

    def emit(self, event: Event) -> None:
        """Pass any event on."""
        with self._lock:
            self._sink(event)

    def started(self, step: Step) -> None:
        """A step begins."""
        if not _is_default_provider(step):
            self.emit(StepStarted(step=step))

    def done(self, step: Step, seconds: float = 0) -> None:
        """A step ended well."""
        if _is_default_provider(step):
            return
        with self._lock:
            self.counts[step.op] += 1
            self._sink(StepDone(step=step, seconds=seconds))

    def failed_step(self, step: Step, message: str) -> None:
        """A step failed, and the run with it."""
        self.failed = True
        self.emit(StepFailed(step=step, message=self.scrubber.scrub(message)))

    def error(self, message: str, urn: str = "") -> None:
        """Something else failed, and the run with it."""
        self.failed = True
        self.say(Severity.ERROR, message, urn)

    def say(self, severity: Severity, message: str, urn: str = "", *, ephemeral: bool = False) -> None:
        """A message that fails nothing."""
        text = self.scrubber.scrub(message)
        self.emit(Diagnostic(severity=severity, message=text, urn=urn, ephemeral=ephemeral))

    def status(self, urn: str, message: str) -> None:
        """What a running step waits for."""
        self.emit(StatusChanged(urn=urn, message=self.scrubber.scrub(message)))


def _is_default_provider(step: Step) -> bool:
    """Whether it is a provider that nobody asked for by name; Pulumi neither shows nor counts them."""
    return is_provider(step.type) and step.name.startswith("default")
