"""What a tenant's clients feel of a neighbour that is flooded: their latency then over that before."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from benchmarks.measure import Plan
from benchmarks.mesh.latency import HTTPS, Latency, Way, through
from benchmarks.mesh.limits import can_be_held, held
from benchmarks.mesh.stage import NO_TOKENS, SIDECAR, TOKENS, Stage
from benchmarks.table import Table, times
from tests.mesh.flooding import sending

RATE = 100
FLOOD = 8000
_CONNECTIONS = 64
_LEAD = 1.0
"""Seconds of flood before anything is measured."""
_FREE, _HELD = "shared freely", "held to requests and limits"
# Clients are elsewhere in truth: the one that measures must not wait, and the one that floods must keep nobody waiting.
_FIRST, _LAST = ("nice", "-n", "-10"), ("nice", "-n", "10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The same requests without a flood and with it, and how many requests of the flood were answered a second."""

    quiet: Latency
    flooded: Latency
    flood: float


def neighbours(stage: Stage, plan: Plan) -> list[Table]:
    """tenant2's gateway and sidecar at a fixed rate, with tenant1's flooded and not, CPU shared freely and held."""
    asked, flood = (through(stage, tenant, HTTPS, SIDECAR) for tenant in (NO_TOKENS, TOKENS))
    kinds = (_FREE, _HELD) if can_be_held() else (_FREE,)
    return [_table(plan.gathered({kind: _measured(stage, asked, flood, plan, kind) for kind in kinds}))]


def _measured(stage: Stage, asked: Way, flood: Way, plan: Plan, kind: str) -> Callable[[], Both]:
    seconds = plan.seconds
    load = replace(flood.load, rate=FLOOD, seconds=seconds + 4 * _LEAD, connections=_CONNECTIONS)

    def measure() -> Both:
        pods = [pod for tenant in (TOKENS, NO_TOKENS) for pod in stage.mesh.lab.pods(tenant)]
        with held(stage.mesh, pods) if kind == _HELD else nullcontext():
            quiet = asked.measured(stage, RATE, seconds, run_by=_FIRST)
            with sending(stage.mesh.lab, load, *_LAST, *stage.enter()):
                time.sleep(_LEAD)
                before, began = _answered(stage), time.monotonic()
                flooded = asked.measured(stage, RATE, seconds, run_by=_FIRST)
                answered = (_answered(stage) - before) / (time.monotonic() - began)
        return Both(quiet=quiet, flooded=flooded, flood=answered)

    return measure


def _answered(stage: Stage) -> int:
    """How many requests the gateway that is flooded has answered."""
    pattern = r"^http\.outbound_.*_8443.*\.downstream_rq_[1-5]xx$"
    return sum(stage.mesh.stats(stage.mesh.gateway(TOKENS), pattern).values())


def _table(runs: Mapping[str, Sequence[Both]]) -> Table:
    def row(kind: str) -> list[str]:
        found = runs[kind]
        quiet, flooded = (Latency.median([getattr(one, state) for one in found]) for state in ("quiet", "flooded"))
        figures = [f"{value:.2f}" for value in (quiet.p50, flooded.p50, quiet.p99, flooded.p99)]
        ratio = times(statistics.median(one.flooded.p99 / one.quiet.p99 for one in found))
        answered = statistics.median(one.flood for one in found)
        return [kind, f"{answered:,.0f}/s", *figures, ratio, f"{quiet.failed + flooded.failed:.0f}"]

    headings = ["CPU", "flood answered", "p50 quiet", "flooded", "p99 quiet", "flooded", "ratio", "failed"]
    return Table(
        title="A flooded neighbour",
        note=(
            f"Milliseconds of {RATE} requests a second to tenant2's gateway and sidecar, while {FLOOD:,} a second are "
            f"sent to tenant1's with {_CONNECTIONS} connections, on the same cores. Held: each container has its "
            "request as a weight and its limit as a quota, as kubelets give it. Ratio: the median of p99 flooded over "
            "quiet within each run."
        ),
        headings=headings,
        rows=[row(kind) for kind in runs],
    )
