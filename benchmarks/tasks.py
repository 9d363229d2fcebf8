"""One measured piece of work in an interpreter of its own: `python -m benchmarks.tasks TASK SIZE` reports its cost."""

import json
import sys
from collections.abc import Callable, Mapping

import pulumi

from benchmarks import programs, tenants
from benchmarks.measure import Stopwatch
from tenantmesh.engine.evaluate import evaluate


def _plan(count: int) -> Stopwatch:
    """Arguments to bodies."""
    tenants.warm()
    with Stopwatch() as watch:
        for name in tenants.names(count):
            tenants.bodies(name)
    return watch


def _text(count: int) -> Stopwatch:
    """Arguments to bodies to JSON, which is what helm has done when it ends."""
    tenants.warm()
    with Stopwatch() as watch:
        for name in tenants.names(count):
            json.dumps(tenants.bodies(name))
    return watch


def _evaluated(make: Callable[[programs.Planned], programs.Program]) -> Callable[[int], Stopwatch]:
    def task(count: int) -> Stopwatch:
        tenants.warm()
        program = make(_work(make, count))
        with Stopwatch() as watch:
            evaluation = evaluate(program)
        if not evaluation.ok:
            raise RuntimeError("\n".join(evaluation.failures))
        return watch

    return task


def _mocked(make: Callable[[programs.Planned], programs.Program]) -> Callable[[int], Stopwatch]:
    def task(count: int) -> Stopwatch:
        tenants.warm()
        program = make(_work(make, count))
        pulumi.runtime.set_mocks(programs.Mocks(), preview=True)
        with Stopwatch() as watch:
            pulumi.runtime.test(program)()
        return watch

    return task


def _work(make: Callable[[programs.Planned], programs.Program], count: int) -> programs.Planned:
    """Components plan by themselves; the others get their bodies before the watch runs."""
    wanted = tenants.names(count)
    return dict.fromkeys(wanted, ()) if make is programs.components else tenants.planned(wanted)


TASKS: Mapping[str, Callable[[int], Stopwatch]] = {
    "plan": _plan,
    "text": _text,
    "components": _evaluated(programs.components),
    "grouped": _evaluated(programs.grouped),
    "flat": _evaluated(programs.flat),
    "mocked": _mocked(programs.grouped),
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](int(sys.argv[2])).report()
