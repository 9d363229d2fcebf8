"""A node of its own for each test, on the real kernel; skipped where network namespaces are not permitted."""

import os
import secrets
import shutil

import pytest

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
