"""The proof of many tenants, of one that changed, and of what network-config-analyzer can take of the same."""

from collections.abc import Callable, Sequence

from benchmarks import proofs
from benchmarks.measure import Cost, Plan, in_child
from benchmarks.table import Table, milliseconds, size, times
from benchmarks.tenants import GRAPHS

SIZES = (100, 1000, 10000)
_COMPARED = 100
"""The most tenants that network-config-analyzer is given: its cost grows with their square."""
_APART = 1000
"""The most tenants of which each is worked out by itself."""
_LEAST = 2
"""The fewest tenants that can grant one another anything."""

_Costs = dict[tuple[str, int], Cost]


def proving(plan: Plan) -> list[Table]:
    """CPU and memory of proofs, and how both grow."""
    sizes = plan.sizes or SIZES
    work = {(task, count): _child(task, count) for count in sizes for task in ("made", "indexed", "proven", "changed")}
    for count in _compared(sizes):
        work |= {(task, count): _child(task, count) for task in ("policies", "analyzed")}
    some = [count for count in sizes if count <= _APART]
    work |= {(graph, count): _child(graph, count) for graph in GRAPHS for count in some}
    costs = plan.medians(work)
    objects = {count: len(proofs.manifest(count)) for count in sizes}
    apart = [_graphs(costs, some)] if some else []
    return [_growth(costs, objects), *apart, _memory(costs, objects), _comparison(costs, _compared(sizes))]


def _compared(sizes: Sequence[int]) -> list[int]:
    return sorted({min(count, _COMPARED) for count in sizes} | {max(_LEAST, min(*sizes, _COMPARED) // 4)})


def _child(task: str, count: int) -> Callable[[], Cost]:
    return lambda: in_child("benchmarks.proofs", task, str(count))


def _growth(costs: _Costs, objects: dict[int, int]) -> Table:
    smallest = min(objects)

    def row(count: int) -> list[str]:
        proven, changed = costs["proven", count].cpu, costs["changed", count].cpu
        each, first = proven / objects[count], costs["proven", smallest].cpu / objects[smallest]
        return [
            f"{count:,}",
            f"{objects[count]:,}",
            f"{costs['indexed', count].cpu:.2f} s",
            f"{proven:.2f} s",
            f"{each * 1e6:.1f} µs",
            times(each / first),
            milliseconds(changed),
            times(proven / changed),
        ]

    return Table(
        title="Proofs",
        note=(
            "CPU on one core. Indexing reads the intent too; making the objects is in no figure. Growth is the time an "
            "object as against the smallest size. Changed is the whole proof again after one tenant changed."
        ),
        headings=["tenants", "objects", "indexing", "proof", "an object", "growth", "one changed", "all / one"],
        rows=[row(count) for count in objects],
    )


def _graphs(costs: _Costs, sizes: Sequence[int]) -> Table:
    def row(graph: str, count: int) -> list[str]:
        here, first = (costs[graph, each].cpu / len(proofs.manifest(each, graph)) for each in (count, sizes[0]))
        return [graph, f"{count:,}", f"{costs[graph, count].cpu:.2f} s", f"{here * 1e6:.1f} µs", times(here / first)]

    return Table(
        title="Proofs, by who calls whom",
        note=(
            "CPU on one core. In a ring each tenant lets the two that follow it call; scattered are two that are "
            "anywhere; called is one tenant by all others, and calling one all others. Growth is as above."
        ),
        headings=["grants", "tenants", "proof", "an object", "growth"],
        rows=[row(graph, count) for graph in GRAPHS for count in sizes],
    )


def _memory(costs: _Costs, objects: dict[int, int]) -> Table:
    def row(count: int) -> list[str]:
        made, proven = costs["made", count].memory, costs["proven", count].memory
        return [f"{count:,}", size(made), size(proven), size(max(0, proven - made) / objects[count])]

    return Table(
        title="Memory of proofs",
        note="Peak resident memory with the objects alone, with their proof, and the difference by object.",
        headings=["tenants", "objects alone", "and proof", "an object"],
        rows=[row(count) for count in objects],
    )


def _comparison(costs: _Costs, sizes: Sequence[int]) -> Table:
    def row(count: int) -> list[str]:
        ours, other = costs["policies", count].cpu, max(0.0, costs["analyzed", count].cpu)
        return [f"{count:,}", milliseconds(ours), milliseconds(other), times(other / ours)]

    return Table(
        title="Beside network-config-analyzer",
        note=(
            "CPU for namespaces, NetworkPolicies and a pod of each tenant, which is what it can take: the proof here, "
            "and there all connections on one port without start-up, whose noise exceeds the work of a few tenants."
        ),
        headings=["tenants", "proof", "network-config-analyzer", "ratio"],
        rows=[row(count) for count in sizes],
    )
