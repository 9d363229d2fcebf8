"""All that is measured on the mesh, one part after the other on one lab, or a part by itself on its own."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager

from benchmarks.measure import Plan
from benchmarks.mesh.latency import latency
from benchmarks.mesh.neighbours import neighbours
from benchmarks.mesh.parts import switched_off
from benchmarks.mesh.scope import scope
from benchmarks.mesh.stage import Stage, running, staged
from benchmarks.table import Table
from tests.mesh.driving import Mesh

_LOADED: tuple[Callable[[Stage, Plan], list[Table]], ...] = (latency, switched_off, neighbours)


def mesh(plan: Plan) -> Iterator[Table]:
    """Latency, where it comes from, a flooded neighbour, and what proxies are told."""
    with _clean() as lab:
        with staged(lab) as stage:
            for part in _LOADED:
                yield from part(stage, plan)
        yield from scope(lab, plan)


def _loaded(part: Callable[[Stage, Plan], list[Table]]) -> Callable[[Plan], list[Table]]:
    def measured(plan: Plan) -> list[Table]:
        with _clean() as lab, staged(lab) as stage:
            return part(stage, plan)

    return measured


def _scope(plan: Plan) -> list[Table]:
    with _clean() as lab:
        return scope(lab, plan)


@contextmanager
def _clean() -> Generator[Mesh]:
    """A lab in which no proxy may reject what it is told: what it does then would be measured in place of it."""
    with running() as lab:
        before = lab.rejects()
        yield lab
        if lab.rejects() != before:
            raise RuntimeError("a proxy has rejected a configuration, so the figures are of another one")


PARTS: Mapping[str, Callable[[Plan], list[Table]]] = {
    "mesh-latency": _loaded(latency),
    "mesh-parts": _loaded(switched_off),
    "mesh-neighbours": _loaded(neighbours),
    "mesh-scope": _scope,
}
"""Each by itself, on a lab that is started for it."""
