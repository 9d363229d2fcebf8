"""Runs a verb and kills it at a chosen moment: before its first step, or when it has taken down so many of them."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.crash.shop import Shop

_LOOK_SECONDS = 0.002
_RUN_SECONDS = 180
_END_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When `lines` are in the journal and `seconds` have passed since then; with no lines, since the start."""

    lines: int
    seconds: float
    engine_only: bool

    def __str__(self) -> str:
        whom = "engine" if self.engine_only else "engine and program"
        since = f"line {self.lines}" if self.lines else "the start"
        return f"{whom} {self.seconds * 1000:.0f} ms after {since}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended: whether it was killed, how many lines its journal had last, how long until the first line."""

    killed: bool
    lines: int
    until_first: float
    seconds: float


def watched(shop: Shop, verb: str) -> Ended:
    """Run a verb undisturbed, and measure it."""
    return interrupted(shop, verb, Moment(lines=1 << 30, seconds=0, engine_only=False))


def interrupted(shop: Shop, verb: str, moment: Moment) -> Ended:
    """Run a verb and kill it at `moment`; it may have ended before."""
    arguments = shop.stage.command(verb, "--yes", "--skip-preview")
    output = shop.stage.state.parent / f"{verb}-killed.log"
    began = time.monotonic()
    with output.open("w") as log:
        engine = subprocess.Popen(
            arguments, env=shop.stage.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    first, reached, lines = 0.0, began if not moment.lines else 0.0, 0
    while engine.poll() is None:
        now = time.monotonic()
        assert now - began < _RUN_SECONDS, f"{verb} of {shop.name} does not end"
        lines = max(lines, _lines(shop.journal))
        first = first or (now - began if lines else 0)
        reached = reached or (now if moment.lines and lines >= moment.lines else 0)
        if reached and now - reached >= moment.seconds:
            _kill(engine, engine_only=moment.engine_only)
            break
        time.sleep(_LOOK_SECONDS)
    code = engine.wait(_END_SECONDS)
    assert code in (0, -signal.SIGKILL), output.read_text()
    return Ended(killed=code != 0, lines=lines, until_first=first, seconds=time.monotonic() - began)


def _lines(journal: Path) -> int:
    try:
        return journal.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def _kill(engine: "subprocess.Popen[bytes]", *, engine_only: bool) -> None:
    """SIGKILL, to the program too, which is in a session of its own; alone it has to end by itself."""
    programs = _children(engine.pid)
    engine.kill()
    for program in programs:
        if not engine_only and _is_program(program):
            os.kill(program, signal.SIGKILL)
    deadline = time.monotonic() + _END_SECONDS
    while any(_is_program(program) for program in programs):
        assert time.monotonic() < deadline, f"the programs {programs} live on without their engine"
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    try:
        lists = [task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(text) for found in lists for text in found.split()]


def _is_program(pid: int) -> bool:
    """Whether a process still runs the program's host; a zombie has no command line."""
    try:
        return b"child.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
