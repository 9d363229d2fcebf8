"""`up`, `up` without a change and `destroy` of many small objects, beside the API server's own limit."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Cost, Plan, in_child, of_command
from benchmarks.stage import Stage
from benchmarks.table import Table, size, times
from tenantmesh.cluster import Cluster, delete, up

SIZES = (100, 1000, 5000)
_COMPARED = 1000
"""The most objects that the real CLI is given: its file backend's cost grows with their square."""

_Costs = Mapping[tuple[str, int], Cost]


def deploying(plan: Plan) -> list[Table]:
    """Objects a second through the command line and through bare requests, on a control plane of its own."""
    with tempfile.TemporaryDirectory(prefix="tenantmesh-bench-") as folder:
        cluster = up(Path(folder) / "cluster")
        try:
            return _tables(plan, cluster, Path(folder))
        finally:
            delete(Path(folder) / "cluster")


def _tables(plan: Plan, cluster: Cluster, folder: Path) -> list[Table]:
    sizes = plan.sizes or SIZES
    sizes_on_disk: dict[int, int] = {}
    work: dict[tuple[str, int], Callable[[], Cost]] = {}
    for count in sizes:
        stage = Stage.set(folder / f"embedded{count}", cluster.kubeconfig, count)
        work |= _embedded(stage, count, sizes_on_disk) | _bare(cluster, count)
        if shutil.which("pulumi") and count <= _COMPARED:
            work |= _real(Stage.set(folder / f"real{count}", cluster.kubeconfig, count), count)
    costs = plan.medians(work)
    tables = [_throughput(costs, sizes), _expense(costs, sizes, sizes_on_disk)]
    return [*tables, _comparison(costs, sizes)] if ("real up", sizes[0]) in costs else tables


def _embedded(stage: Stage, count: int, on_disk: dict[int, int]) -> dict[tuple[str, int], Callable[[], Cost]]:
    def unchanged() -> Cost:
        on_disk[count] = stage.checkpoint().stat().st_size
        return stage.run("up")

    return {
        ("up", count): lambda: stage.run("up"),
        ("again", count): unchanged,
        ("destroy", count): lambda: stage.run("destroy"),
    }


def _bare(cluster: Cluster, count: int) -> dict[tuple[str, int], Callable[[], Cost]]:
    def task(name: str) -> Callable[[], Cost]:
        return lambda: in_child("benchmarks.bare", name, str(count), str(cluster.kubeconfig))

    return {(f"bare {name}", count): task(name) for name in ("apply", "again", "delete")}


def _real(stage: Stage, count: int) -> dict[tuple[str, int], Callable[[], Cost]]:
    def task(verb: str) -> Callable[[], Cost]:
        return lambda: of_command(stage.real(verb), stage.environment)

    return {
        ("real up", count): task("up"),
        ("real again", count): task("up"),
        ("real destroy", count): task("destroy"),
    }


def _throughput(costs: _Costs, sizes: Sequence[int]) -> Table:
    kinds = (("up", "bare apply"), ("again", "bare again"), ("destroy", "bare delete"))

    def row(count: int) -> list[str]:
        cells = [f"{count:,}"]
        for ours, bare in kinds:
            mine, limit = costs[ours, count].wall, costs[bare, count].wall
            cells += [f"{count / mine:.0f}/s", f"{count / limit:.0f}/s", f"{limit / mine:.0%}"]
        return cells

    return Table(
        title="Objects a second",
        note=(
            "ConfigMaps a second by wall-clock, start-up of the interpreters included, beside bare concurrent requests "
            "with 16 threads: server-side apply of new objects, of the same again, and foreground deletion to its end."
        ),
        headings=["objects", "up", "bare", "share", "up, no change", "bare", "share", "destroy", "bare", "share"],
        rows=[row(count) for count in sizes],
    )


def _expense(costs: _Costs, sizes: Sequence[int], on_disk: Mapping[int, int]) -> Table:
    def row(count: int) -> list[str]:
        each = [f"{costs[kind, count].cpu / count * 1000:.1f} ms" for kind in ("up", "again", "destroy", "bare apply")]
        return [f"{count:,}", *each, size(on_disk[count]), f"{on_disk[count] / count:.0f} B"]

    return Table(
        title="CPU an object, and the state's size",
        note="CPU of the command line and of the program that it starts, start-up included, without the server's.",
        headings=["objects", "up", "up, no change", "destroy", "bare apply", "checkpoint", "an object"],
        rows=[row(count) for count in sizes],
    )


def _comparison(costs: _Costs, sizes: Sequence[int]) -> Table:
    def row(count: int) -> list[str]:
        cells = [f"{count:,}"]
        for kind in ("up", "again", "destroy"):
            ours, real = costs[kind, count], costs[f"real {kind}", count]
            cells += [
                f"{ours.cpu:.1f} s",
                f"{real.cpu:.1f} s",
                times(real.cpu / ours.cpu),
                times(real.wall / ours.wall),
            ]
        return cells

    verbs = ("up", "no change", "destroy")
    columns = [heading for verb in verbs for heading in (f"{verb}: CPU", "pulumi's", "CPU ratio", "wall ratio")]
    return Table(
        title="Beside the Pulumi CLI",
        note="The same program and file backend, with the real CLI and Kubernetes provider; preview skipped on both.",
        headings=["objects", *columns],
        rows=[row(count) for count in sizes if ("real up", count) in costs],
    )
