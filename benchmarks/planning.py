"""From arguments to objects, beside `helm template` of the same objects."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import helm as helms
from benchmarks import tenants
from benchmarks.measure import Cost, Plan, in_child, of_command
from benchmarks.table import Table, milliseconds, times

SIZES = (10, 100, 1000)


def planning(plan: Plan) -> list[Table]:
    """CPU a tenant of planning, and of helm where Go can build it."""
    sizes = plan.sizes or SIZES
    helm = helms.find_helm()
    with tempfile.TemporaryDirectory() as folder:
        charts = {size: helms.write_chart(Path(folder), size) for size in (0, *sizes)} if helm else {}
        if helm:
            _verify(helm, charts[sizes[0]], sizes[0])
        work = {("plan", size): _child("plan", size) for size in sizes}
        work |= {("text", size): _child("text", size) for size in sizes}
        if helm:
            work |= {("helm", size): _helm(helm, chart) for size, chart in charts.items()}
        costs = plan.medians(work)
    return [_table(costs, sizes)]


def _child(task: str, size: int):  # noqa: ANN202  a closure that gives a Cost
    return lambda: in_child("benchmarks.tasks", task, str(size))


def _helm(helm: Path, chart: Path):  # noqa: ANN202  a closure that gives a Cost
    return lambda: of_command(helms.template_command(helm, chart), helms.environment())


def _verify(helm: Path, chart: Path, count: int) -> None:
    wanted = [body for name in tenants.names(count) for body in tenants.bodies(name)]
    if different := helms.differing(helm, chart, wanted):
        raise RuntimeError(f"helm renders other objects, so there is nothing to compare: {different[0][:300]}")


def _table(costs: dict[tuple[str, int], Cost], sizes: Sequence[int]) -> Table:
    return Table(
        title="From arguments to objects",
        note=(
            "CPU a tenant of 26 objects, parsed, planned and checked against the schemas; start-up is left out on both "
            "sides (helm's is that of the same chart without tenants). Targets: under 1 ms, helm at least 10x."
        ),
        headings=["tenants", "plan", "plan and JSON", "helm template", "helm / plan", "helm / plan and JSON"],
        rows=[_row(costs, size) for size in sizes],
    )


def _row(costs: dict[tuple[str, int], Cost], size: int) -> list[str]:
    plan, text = costs["plan", size].cpu / size, costs["text", size].cpu / size
    row = [f"{size:,}", milliseconds(plan), milliseconds(text)]
    if ("helm", size) not in costs:
        return [*row, "no Go", "", ""]
    helm = max(0.0, costs["helm", size].cpu - costs["helm", 0].cpu) / size
    return [*row, milliseconds(helm), times(helm / plan), times(helm / text)]
