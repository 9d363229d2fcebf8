"""One measured piece of proving in an interpreter of its own: `python -m benchmarks.proofs TASK SIZE`."""

import datetime
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import tenants
from benchmarks.measure import Cost, Stopwatch
from tenantmesh.checks.declarations.intent import Intent, find_intent
from tenantmesh.checks.prove import Prover
from tenantmesh.garbage import patient_collector
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject
from tests.oracles import analyzer
from tests.oracles.sample import Port, Sample

_TODAY = datetime.date(2026, 1, 1)
_PORT = Port(8080, "TCP")
_WARM = 5
"""Tenants that are proven before the watch runs, so that what is loaded once in a process is there."""


def manifest(count: int, graph: str = "ring") -> Manifest:
    """All objects of `count` tenants that are granted each other's services like that."""
    bodies = tenants.neighbourhood(tenants.names(count), tenants.GRAPHS[graph])
    return Manifest.of(ManifestObject(body=body) for body in bodies)


def policies(count: int) -> Sample:
    """What network-config-analyzer can take of the same tenants: namespaces, network policies, and a pod in each."""
    bodies = (
        one for one in tenants.neighbourhood(tenants.names(count)) if one["kind"] in ("Namespace", "NetworkPolicy")
    )
    return Sample(objects=(*map(dict, bodies), *_pods(count)), outside=(), ports=(_PORT,))


def _pods(count: int) -> Iterator[dict[str, Any]]:
    for index, name in enumerate(tenants.names(count)):
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "api", "namespace": name, "labels": {"app.kubernetes.io/name": "api"}},
            "spec": {"containers": [{"name": "api", "ports": [{"containerPort": _PORT.number}]}]},
            "status": {"podIPs": [{"ip": f"10.0.{index // 250}.{index % 250 + 1}"}]},
        }


def _made(count: int) -> Stopwatch:
    """The objects alone, for the memory that they take."""
    found = manifest(count)
    with Stopwatch() as watch:
        len(found)
    return watch


def _indexed(count: int) -> Stopwatch:
    _warm()
    found = manifest(count)
    with patient_collector(), Stopwatch() as watch:
        _read(found)
    return watch


def _proven(count: int, graph: str = "ring") -> Stopwatch:
    _warm()
    return _proof(manifest(count, graph))


def _policies(count: int) -> Stopwatch:
    _warm()
    return _proof(policies(count).manifest)


def _proof(found: Manifest) -> Stopwatch:
    with patient_collector():
        cluster, intent = _read(found)
    with Stopwatch() as watch:
        Prover(cluster, intent, today=_TODAY).proof()
    return watch


def _changed(count: int) -> Stopwatch:
    """A new reading of the same objects, of which one tenant's are said to have changed."""
    found = manifest(count)
    cluster, intent = _read(found)
    prover = Prover(cluster, intent, today=_TODAY)
    prover.proof()
    again, meant = _read(found)
    with Stopwatch() as watch:
        prover.updated(again, meant, [tenants.names(count)[0]]).proof()
    return watch


def _analyzed(count: int) -> Stopwatch:
    """The CPU of network-config-analyzer's process, without its start-up."""
    python, sample = analyzer.install(), policies(count)
    idle = _of_children(lambda: analyzer.ask(python, []))
    watch = Stopwatch()
    watch.cost = _of_children(lambda: _taken(python, sample))
    watch.cost = Cost(watch.cost.cpu - idle.cpu, watch.cost.wall - idle.wall, watch.cost.memory)
    return watch


def _taken(python: Path, sample: Sample) -> None:
    if analyzer.ask(python, [sample]) == [None]:
        raise RuntimeError("network-config-analyzer refuses the policies, so there is nothing to compare")


def _of_children(call: Callable[[], object]) -> Cost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Stopwatch() as watch:
        call()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, watch.cost.wall, after.ru_maxrss * 1024)


def _read(found: Manifest) -> tuple[Cluster, Intent]:
    cluster = Cluster(found)
    return cluster, find_intent(cluster)


def _warm() -> None:
    cluster, intent = _read(manifest(_WARM))
    Prover(cluster, intent, today=_TODAY).proof()


TASKS: Mapping[str, Callable[[int], Stopwatch]] = {
    "made": _made,
    "indexed": _indexed,
    "proven": _proven,
    "changed": _changed,
    "policies": _policies,
    "analyzed": _analyzed,
    **{graph: partial(_proven, graph=graph) for graph in tenants.GRAPHS},
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](int(sys.argv[2])).report()
