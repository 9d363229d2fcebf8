"""What the benchmark of latencies says of its runs: also that a machine was too slow for a rate."""

import pytest

from benchmarks.mesh import latency

ALL_WAYS = (
    *(latency.DIRECT, latency.MUTUAL, latency.GATEWAY, latency.BOTH),
    *(latency.MINIMAL_MUTUAL, latency.MINIMAL, latency.MINIMAL_BOTH),
)


def run(p50=1.0, reached=1.0):
    return latency.Latency(p50=p50, p95=2 * p50, p99=3 * p50, cpu=100 * p50, failed=0, reached=reached)


@pytest.fixture
def runs():
    """Three of each way at each rate, in which gateway and sidecar take twice what the Envoys written by hand do."""
    found = {(way, rate): [run()] * 3 for way in ALL_WAYS for rate in latency.RATES}
    return found | {(latency.BOTH, rate): [run(2.0)] * 3 for rate in latency.RATES}


def told(runs, way, rate):
    """The rows of a way at a rate in both tables."""
    added, beside = latency.tables(runs)
    return [row for table in (added, beside) for row in table.rows if row[0] == way and row[1].startswith(f"{rate:,}")]


def test_ratios_are_those_to_the_envoys_written_by_hand(runs):
    added, beside = told(runs, latency.BOTH, 1000)
    assert added[:6] == [latency.BOTH, "1,000", "2.00", "4.00", "6.00", "+1.00"]
    assert beside == [latency.BOTH, "1,000", *["2.00x"] * 4]


@pytest.mark.parametrize("slow", [latency.BOTH, latency.MINIMAL_BOTH])
def test_a_rate_that_was_not_kept_up_with_has_no_ratio(runs, slow):
    runs[slow, 1000] = [run(900.0, reached=share) for share in (0.5, 0.62, 1.0)]
    assert told(runs, slow, 1000)[0][1] == "1,000 (62% reached)"
    assert told(runs, latency.BOTH, 1000)[1][2:] == ["too slow"] * 4
    assert told(runs, latency.BOTH, 500)[1][2:] == ["2.00x"] * 4
