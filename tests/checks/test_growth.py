"""The work of a proof grows with objects and grants, whoever has them: not with the square of one tenant's grants."""

import datetime
import sys

import pytest

from benchmarks.tenants import GRAPHS, names, neighbourhood
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import Prover
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject

SIZES = (30, 60, 120)
MOST = 1.25
"""Of twice as many tenants' further work; linear is 1, and squares are 2."""


def calls(graph: str, count: int) -> int:
    """How many functions are called to prove so many tenants."""
    bodies = neighbourhood(names(count), GRAPHS[graph])
    cluster = Cluster(Manifest.of(ManifestObject(body=body) for body in bodies))
    prover = Prover(cluster, find_intent(cluster), today=datetime.date(2026, 1, 1))
    found = 0

    def count_calls(_frame: object, event: str, _argument: object) -> None:
        nonlocal found
        found += event == "call"

    before = sys.getprofile()
    sys.setprofile(count_calls)
    try:
        proof = prover.proof()
    finally:
        sys.setprofile(before)
    assert proof.findings == ()
    return found


@pytest.mark.parametrize("graph", ["scattered", "called", "calling"])
def test_twice_the_tenants_are_twice_the_work(graph):
    few, more, many = (calls(graph, count) for count in SIZES)
    assert (many - more) / 2 <= (more - few) * MOST
