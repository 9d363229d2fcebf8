"""What gateways and sidecars add to a request at constant rates, beside Envoys with the least configuration."""

import statistics
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from benchmarks.measure import Plan
from benchmarks.mesh import minimal
from benchmarks.mesh.processors import envoy_of, used, workers
from benchmarks.mesh.stage import NO_TOKENS, PLAIN, PORT, SIDECAR, TOKENS, Stage
from benchmarks.table import Table, times
from tests.mesh.driving import DOMAIN
from tests.mesh.flooding import Load, sent
from tests.mesh.tokens import bearing

RATES = (100, 500, 1000)
DIRECT = "direct"
MUTUAL, MINIMAL_MUTUAL = "gateway (mTLS)", "minimal Envoy (mTLS)"
GATEWAY, MINIMAL = "gateway (mTLS, JWT)", "minimal Envoy (mTLS, JWT)"
BOTH, MINIMAL_BOTH = "gateway (mTLS, JWT) and sidecar", "two minimal Envoys (mTLS, JWT)"
_PAIRS = ((MUTUAL, MINIMAL_MUTUAL), (GATEWAY, MINIMAL), (BOTH, MINIMAL_BOTH))
HTTPS = 8443
_CONNECTIONS = 16
_TOKEN_SECONDS = 7200
_WARMUP = 0.5
_PATIENCE = 60
_KEPT_UP = 0.95
"""Of the rate, for the last answers of a short run come a little after its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds from when requests were due, microseconds of CPU a request in the proxies, and failed requests.

    `reached` is the share of the rate that was answered; where it is short of all, latencies tell of the queue.
    """

    p50: float
    p95: float
    p99: float
    cpu: float
    failed: float
    reached: float

    @property
    def kept_up(self) -> bool:
        """Whether what was asked for was answered about as fast as it was due."""
        return self.reached >= _KEPT_UP

    @classmethod
    def median(cls, found: Sequence["Latency"]) -> "Latency":
        """The median of each figure by itself; of failed requests, all."""
        middle = {one.name: statistics.median(getattr(run, one.name) for run in found) for one in fields(cls)}
        return replace(cls(**middle), failed=sum(run.failed for run in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the App is reached, and the processes of the proxies on the way."""

    load: Load
    proxies: tuple[int, ...] = ()

    def measured(self, stage: Stage, rate: float, seconds: float, *, run_by: tuple[str, ...] = ()) -> Latency:
        """Send requests at a rate, from the node; `run_by` is written before the command."""
        load = replace(self.load, rate=rate, seconds=seconds)
        before = sum(used(pid) for pid in self.proxies)
        found = sent(stage.mesh.lab, load, *run_by, *stage.enter())
        spent = sum(used(pid) for pid in self.proxies) - before
        requests = found["requests"] + rate * load.warmup
        told = found["latency"]
        failed = found["requests"] - found["good"]
        return Latency(
            p50=told["p50"],
            p95=told["p95"],
            p99=told["p99"],
            cpu=spent / requests * 1e6,
            failed=failed,
            reached=found["achieved"] / rate,
        )


def through(stage: Stage, tenant: str, port: int, app: str, *proxies: int) -> Way:
    """By a port of the tenant's gateway pod to one of the Apps, with its client's certificate and a token."""
    mesh, host = stage.mesh, f"{tenant}.{DOMAIN}"
    address = f"{mesh.gateway(tenant)['status']['podIP']}:{port}"
    headers = bearing(stage.issuer.token(seconds=_TOKEN_SECONDS)) if tenant == TOKENS else {}
    load = _load(address, path=f"/{app}", host=host, credential=mesh.credential(tenant), headers=headers)
    return Way(load=load, proxies=proxies)


def _load(connect: str, **load: Any) -> Load:
    return Load(connect=connect, connections=_CONNECTIONS, warmup=_WARMUP, **load)


@contextmanager
def ways(stage: Stage) -> Generator[Mapping[str, Way]]:
    """All ways, while the Envoys with the least configuration run."""
    mesh = stage.mesh
    real = {tenant: envoy_of(mesh.lab.namespace(mesh.gateway(tenant))) for tenant in (TOKENS, NO_TOKENS)}
    beside = envoy_of(mesh.lab.namespace(stage.pod(TOKENS, SIDECAR)))
    direct = f"{stage.pod(TOKENS, PLAIN)['status']['podIP']}:{PORT}"
    threads = {"gateway": workers(real[TOKENS]), "sidecar": workers(beside)}
    with minimal.minimal(stage, threads) as own:
        found = {
            DIRECT: Way(load=_load(direct, path=f"/{PLAIN}")),
            MINIMAL_MUTUAL: through(stage, TOKENS, minimal.NO_TOKEN, PLAIN, own["gateway"]),
            MUTUAL: through(stage, NO_TOKENS, HTTPS, PLAIN, real[NO_TOKENS]),
            MINIMAL: through(stage, TOKENS, minimal.GATEWAY, PLAIN, own["gateway"]),
            GATEWAY: through(stage, TOKENS, HTTPS, PLAIN, real[TOKENS]),
            MINIMAL_BOTH: through(stage, TOKENS, minimal.TO_SIDECAR, PLAIN, own["gateway"], own["sidecar"]),
            BOTH: through(stage, TOKENS, HTTPS, SIDECAR, real[TOKENS], beside),
        }
        for way in found.values():
            mesh.eventually(partial(_answers, stage, way), _PATIENCE)
        yield found


def _answers(stage: Stage, way: Way) -> bool:
    """Proxies may take what they were told to heart a moment after they say that they know it."""
    return way.measured(stage, RATES[0], _WARMUP).failed == 0


def latency(stage: Stage, plan: Plan) -> list[Table]:
    """Each way at each rate."""
    with ways(stage) as found:
        work = {(way, rate): _measure(stage, one, rate, plan) for rate in RATES for way, one in found.items()}
        return tables(plan.gathered(work))


def tables(runs: Mapping[tuple[str, int], Sequence[Latency]]) -> list[Table]:
    """What the runs of each way and rate say."""
    return [_added({key: Latency.median(found) for key, found in runs.items()}), _beside(runs)]


def at_rate(rate: int, found: Latency) -> str:
    """The rate, and what of it was reached where that is not all."""
    return f"{rate:,}" if found.kept_up else f"{rate:,} ({found.reached:.0%} reached)"


def _measure(stage: Stage, way: Way, rate: int, plan: Plan) -> Callable[[], Latency]:
    return lambda: way.measured(stage, rate, plan.seconds)


def _added(medians: Mapping[tuple[str, int], Latency]) -> Table:
    def row(way: str, rate: int) -> list[str]:
        here, direct = medians[way, rate], medians[DIRECT, rate]
        added = [f"{there - before:+.2f}" for there, before in ((here.p50, direct.p50), (here.p95, direct.p95))]
        figures = [f"{value:.2f}" for value in (here.p50, here.p95, here.p99)]
        cells = figures if way == DIRECT else [*figures, *added, f"{here.cpu:.0f} µs"]
        return [way, at_rate(rate, here), *cells, *[""] * (6 - len(cells)), f"{here.failed:.0f}"]

    return Table(
        title="Latency at constant rates",
        note=(
            "Milliseconds from when a request was due (requests a second from the lab's node, "
            "16 connections), to an App that answers at once. Added is the difference to direct; CPU is what the "
            "proxies on the way used for a request; failed is the sum of all runs."
        ),
        headings=["way", "rate", "p50", "p95", "p99", "added p50", "added p95", "CPU a request", "failed"],
        rows=[row(way, rate) for rate in RATES for way in dict.fromkeys(name for name, _ in medians)],
    )


def _beside(runs: Mapping[tuple[str, int], Sequence[Latency]]) -> Table:
    def ratio(ours: str, least: str, rate: int, figure: str) -> str:
        both = [*zip(runs[ours, rate], runs[least, rate], strict=True)]
        if not all(Latency.median(found).kept_up for found in zip(*both, strict=True)):
            return "too slow"
        return times(statistics.median(getattr(one, figure) / getattr(other, figure) for one, other in both))

    return Table(
        title="Beside the least that an Envoy can be told",
        note=(
            "Medians of the ratios within each run: the mesh's proxies over hand-written Envoys with the same checks. "
            "Too slow: this machine did not keep up with the rate, so nothing can be said."
        ),
        headings=["way", "rate", "p50", "p95", "p99", "CPU"],
        rows=[
            [ours, f"{rate:,}", *(ratio(ours, least, rate, figure) for figure in ("p50", "p95", "p99", "cpu"))]
            for ours, least in _PAIRS
            for rate in RATES
        ],
    )
