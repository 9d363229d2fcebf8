"""Measuring in child processes: CPU seconds and peak memory of a call, medians of interleaved runs."""

import json
import resource
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter, process_time
from typing import TypeVar

TIMEOUT = 1800.0
"""Seconds after which a single measurement is given up."""

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured: runs of each piece of work, sizes where they are not the benchmark's own, load's length."""

    runs: int = 3
    sizes: tuple[int, ...] = ()
    seconds: float = 2.5

    def medians(self, work: Mapping[_Key, Callable[[], Cost]]) -> dict[_Key, Cost]:
        """The medians of all pieces of work."""
        return {key: Cost.median(costs) for key, costs in self.gathered(work).items()}

    def gathered(self, work: Mapping[_Key, Callable[[], _Found]]) -> dict[_Key, list[_Found]]:
        """What each run of each piece of work gives; run by run in turn, so that a noisy minute touches all alike."""
        found: dict[_Key, list[_Found]] = defaultdict(list)
        for _ in range(self.runs):
            for key, measure in work.items():
                found[key].append(measure())
        return found


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


def in_child(module: str, *arguments: str) -> Cost:
    """The cost that `python -m MODULE ARGUMENTS` reports of itself as its last line, in a fresh interpreter."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr or done.stdout}")
    return Cost(**json.loads(done.stdout.strip().splitlines()[-1]))


def of_command(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of a whole program and of the programs that it starts, start-up included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIMEOUT, env=environment)
    wall, after = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr or done.stdout}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, after.ru_maxrss * 1024)
