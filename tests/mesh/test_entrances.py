"""What `tenantmesh lab up` tells a person to try works as it is printed."""

import shlex
import shutil
import subprocess

import pytest

from tenantmesh.lab import entrances
from tests.cli.checked import run


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is what a person tries it with")
def test_each_command_is_answered_by_its_tenant(mesh):
    found = list(entrances(mesh.lab))
    assert [one.tenant for one in found] == ["tenant1", "tenant2"]
    for one in found:
        command = [*shlex.split(one.curl()), "--silent", "--show-error", "--fail"]
        page = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        assert f"of {one.tenant}</p>" in page


def test_the_clients_keys_are_readable_by_their_owner_only(mesh):
    for one in entrances(mesh.lab):
        assert {path.stat().st_mode & 0o777 for path in one.credential.iterdir()} == {0o600}
        assert one.credential.stat().st_mode & 0o777 == 0o700


def test_status_lists_every_pod_as_ready(mesh):
    said = run("lab", "status", "--folder", mesh.lab.layout.folder, code=0)
    assert "tenant1/tenant1-ingress-" in said
    assert f"istiod: {mesh.lab.address}" in said
