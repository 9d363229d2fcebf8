"""The stars demo on the mesh, stage by stage: who reaches whom is what the prover says, and what the stage is about."""

import shutil
from itertools import product
from pathlib import Path

import pytest

from tenantmesh.graph.flow import Request
from tenantmesh.lab import Stack
from tests.mesh.proving import Prover, Question, Seen, Way, ask, compare

EXAMPLE = Path(__file__).parents[2] / "examples" / "stars"
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
def program(mesh):
    """A copy of the example with a workload more; its objects are gone afterwards."""
    folder = mesh.folder / "stars"
    shutil.copytree(EXAMPLE, folder)
    main = folder / "__main__.py"
    main.write_text(main.read_text() + UI)
    yield folder
    main.write_text('"""Nothing."""\n')
    Stack(program=folder).deploy(mesh.lab.layout)
    mesh.settle()


@pytest.fixture(scope="module", params=STAGES)
def stage(request, mesh, program):
    (program / "Pulumi.dev.yaml").write_text(f"config:\n  stars:stage: {request.param}\n")
    Stack(program=program).deploy(mesh.lab.layout)
    mesh.eventually(lambda: mesh.lab.are_ready(*HOMES.values()), 180)
    mesh.settle()
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
