"""A whole evaluated preview, beside the same objects registered by hand, and the memory that it takes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from benchmarks.measure import Cost, Plan, in_child
from benchmarks.table import Table, milliseconds, size, times

SIZES = (10, 100, 1000)
_TASKS = ("components", "grouped", "flat", "mocked")
_Costs = Mapping[tuple[str, int], Cost]


def preview(plan: Plan) -> list[Table]:
    """CPU and memory a tenant of `evaluate` in preview, offline."""
    sizes = plan.sizes or SIZES
    work = {(task, count): _child(task, count) for count in sizes for task in _TASKS}
    costs = plan.medians(work)
    return [_time(costs, sizes), _memory(costs, sizes)]


def _child(task: str, count: int):  # noqa: ANN202  a closure that gives a Cost
    return lambda: in_child("benchmarks.tasks", task, str(count))


def _time(costs: _Costs, sizes: Sequence[int]) -> Table:
    return Table(
        title="A whole preview",
        note=(
            "CPU a tenant of 26 objects. By hand: one component a tenant, every object waiting for its namespace, "
            "under the same engine; bare: no component, nothing to wait for; mocks: by hand under Pulumi's own mocks "
            "instead of an engine. Targets: under 25 ms, linear, at most 1.10x by hand."
        ),
        headings=["tenants", "Tenant", "by hand", "bare", "mocks", "Tenant / by hand", "Tenant / bare"],
        rows=[_row(costs, count) for count in sizes],
    )


def _row(costs: _Costs, count: int) -> list[str]:
    each = {task: costs[task, count].cpu / count for task in _TASKS}
    ratios = [times(each["components"] / each[task]) for task in ("grouped", "flat")]
    return [f"{count:,}", *(milliseconds(each[task]) for task in _TASKS), *ratios]


def _memory(costs: _Costs, sizes: Sequence[int]) -> Table:
    return Table(
        title="Memory of a preview",
        note="Growth of the process's peak from one size to the next, divided by the tenants that came in addition.",
        headings=["tenants", "peak", "a tenant more", "by hand: peak", "a tenant more"],
        rows=[
            [
                f"{fewer:,} to {more:,}",
                *_growth(costs, "components", fewer, more),
                *_growth(costs, "grouped", fewer, more),
            ]
            for fewer, more in pairwise(sizes)
        ],
    )


def _growth(costs: _Costs, task: str, fewer: int, more: int) -> list[str]:
    before, after = costs[task, fewer].memory, costs[task, more].memory
    return [size(after), size((after - before) / (more - fewer))]
