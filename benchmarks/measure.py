"""Measuring in child processes: CPU seconds and peak memory of a call, medians of interleaved runs."""

import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter, process_time


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: CPU seconds of the process (user and system), wall-clock seconds, peak resident bytes."""

    cpu: float
    wall: float
    memory: int

    @classmethod
    def median(cls, costs: Sequence["Cost"]) -> "Cost":
        """The median of each figure by itself."""
        return cls(
            statistics.median(cost.cpu for cost in costs),
            statistics.median(cost.wall for cost in costs),
            int(statistics.median(cost.memory for cost in costs)),
        )


class Stopwatch:
    """Measures the block it is used around with `with`, in this process; `cost` is there afterwards."""

    cost: Cost

    def __enter__(self) -> "Stopwatch":
        self._cpu, self._wall = process_time(), perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        self.cost = Cost(process_time() - self._cpu, perf_counter() - self._wall, peak)

    def report(self) -> None:
        """Print the cost as the line that `in_child` reads."""
        sys.stdout.write(json.dumps(asdict(self.cost)) + "\n")


def in_child(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Cost:
    """The cost that `python -m MODULE ARGUMENTS` reports of itself as its last line, in a fresh interpreter."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1800, env=environment)
    return Cost(**json.loads(done.stdout.strip().splitlines()[-1]))


def of_command(command: Sequence[str]) -> Cost:
    """The cost of a whole program, start-up included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=1800)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, perf_counter() - began, after.ru_maxrss * 1024)
