"""A node of its own for each test, on the real kernel, and the small programs of the mesh's Go module."""

import os
import secrets
import shutil
from pathlib import Path

import pytest

from tenantmesh.cluster.build import run_go
from tenantmesh.errors import LabError
from tenantmesh.lab.node import Node


@pytest.fixture
def lab() -> str:
    """An id that no other test has."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    return secrets.token_hex(3)


@pytest.fixture
def node(lab):
    made = Node(lab)
    try:
        made.up()
    except LabError as problem:
        pytest.skip(str(problem))
    yield made
    made.down()


@pytest.fixture(scope="session")
def mesh_programs(tmp_path_factory):
    """A folder with the stand-in and the load generator, built without Istio, which takes seconds."""
    if shutil.which("go") is None:
        pytest.skip("these programs are built with Go, and there is no go on PATH")
    folder = tmp_path_factory.mktemp("mesh")
    run_go(["build", "-o", f"{folder}/", "./standin", "./load"], Path(__file__).parents[2] / "tools" / "mesh")
    return folder
