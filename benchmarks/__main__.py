"""`python -m benchmarks [NAMES] [--runs N] [--sizes 10,100] [--quick]` prints the tables of docs/performance.md."""

import argparse
from collections.abc import Callable, Iterable, Mapping

from benchmarks.deploying import deploying
from benchmarks.measure import Plan
from benchmarks.mesh.suite import PARTS, mesh
from benchmarks.planning import planning
from benchmarks.preview import preview
from benchmarks.proving import proving
from benchmarks.table import Table

BENCHMARKS: Mapping[str, Callable[[Plan], Iterable[Table]]] = {
    "planning": planning,
    "preview": preview,
    "proving": proving,
    "deploying": deploying,
    "mesh": mesh,
}
_NAMED: Mapping[str, Callable[[Plan], Iterable[Table]]] = {**BENCHMARKS, **PARTS}
_QUICK = Plan(runs=1, sizes=(5, 20), seconds=1)


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(_NAMED)}; default: all")
    parser.add_argument("--runs", type=int, default=3, help="interleaved runs, whose medians are shown (default: 3)")
    parser.add_argument("--sizes", default="", help="sizes in place of each benchmark's own, such as 10,100")
    parser.add_argument("--quick", action="store_true", help="one run of tiny sizes, to see that all of it works")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in _NAMED]:
        parser.error(f"no benchmark {', '.join(unknown)}: choose from {', '.join(_NAMED)}")
    sizes = tuple(int(text) for text in given.sizes.split(",") if text)
    plan = _QUICK if given.quick else Plan(runs=given.runs, sizes=sizes)
    for name in given.names or BENCHMARKS:
        for table in _NAMED[name](plan):
            print(table.markdown(), flush=True)


if __name__ == "__main__":
    main()
