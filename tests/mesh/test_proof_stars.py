"""The stars demo on the mesh, stage by stage: who reaches whom is what the prover says, and what the stage is about."""

from itertools import product

import pytest

from tenantmesh.graph.flow import Request
from tests.mesh.beside import beside
from tests.mesh.proving import Prover, Question, Seen, Way, ask, compare

UI = """
tm.App("management-ui", tm.AppArgs(tenant="management-ui", image=IMAGE, ports=[tm.PortArgs(port=9001)]))
"""
"""The user interface's tenant has no workload in the example; here it needs one that asks."""
HOMES = {"management-ui": "management-ui", "client": "client", "frontend": "stars", "backend": "stars"}
PORTS = {"management-ui": 9001, "client": 9000, "frontend": 8080, "backend": 6379}
INSIDE = {("frontend", "backend"), ("backend", "frontend")}
GRANTED = {
    ("management-ui", "client"),
    ("management-ui", "frontend"),
    ("management-ui", "backend"),
    ("client", "frontend"),
}
STAGES = {
    "open": {(source, target) for source, target in product(PORTS, PORTS) if source != target},
    "denied": INSIDE,
    "allowed": INSIDE | GRANTED,
}


@pytest.fixture(scope="module")
def stars(mesh):
    """The example, which gets a workload more."""
    with beside(mesh, "stars", *HOMES.values()) as example:
        yield example


@pytest.fixture(scope="module", params=STAGES)
def stage(request, stars):
    stars.deploy(more=UI, config={"stars:stage": request.param})
    return request.param


def _questions(mesh):
    """By every Service and past every sidecar."""
    pods = {name: mesh.app(home, name, "v1") for name, home in HOMES.items()}
    for source, target in product(PORTS, PORTS):
        if source != target:
            home, port = HOMES[target], PORTS[target]
            common = {"source": pods[source], "destination": pods[target], "number": port}
            request = Request(port=port, host=f"{target}.{home}.svc.cluster.local:{port}")
            address = mesh.address(target, home)
            yield source, target, Question(**common, request=request, address=address, way=Way.BY_SIDECAR)
            yield source, target, Question(**common, request=request, address=pods[target]["status"]["podIP"])


def test_a_stage_does_what_the_prover_says(mesh, stage):
    asked = list(_questions(mesh))
    assert compare(mesh, Prover(mesh), [one for _, _, one in asked]).wrong == ()
    answered = {(source, target) for source, target, one in asked if ask(mesh, one).seen is Seen.ANSWERED}
    assert answered == STAGES[stage]
