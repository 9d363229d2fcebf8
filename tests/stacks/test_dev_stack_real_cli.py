"""The dev stack under the real Pulumi CLI: the same records, and each engine takes over what the other made."""

import os
import re
import shutil
import subprocess

import pytest

from tenantmesh.engine.backend import Access, FileBackend, Passphrase
from tenantmesh.engine.urn import is_provider
from tenantmesh.engine.values import Secret, transform
from tests.stacks.stage import TIMEOUT, changes

PULUMI = shutil.which("pulumi")
# As it is, and in base64 as in a Secret's `data`.
PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----\n?|LS0tLS1CRUdJTi[A-Za-z0-9+/]+=*", re.DOTALL)

pytestmark = [
    pytest.mark.controlplane,
    pytest.mark.pulumi,
    pytest.mark.slow,
    pytest.mark.skipif(PULUMI is None, reason="the Pulumi CLI is not on PATH"),
]


def pulumi(stage, *arguments):
    """Run the real CLI on the stage; it must succeed."""
    own = {name: os.environ[name] for name in ("PULUMI_HOME",) if name in os.environ}
    environment = {**stage.environment, **own, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    done = subprocess.run(
        [PULUMI, *arguments, "--stack", stage.stack, "--non-interactive"],
        cwd=stage.program,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def records(stage):
    """What the state says of each resource: type, inputs and dependencies, with what is random made alike."""
    environment = stage.environment
    backend = FileBackend.open(environment=environment)
    with backend.open_stack("tenantmesh", stage.stack, Passphrase(environment), access=Access.READ) as store:
        return {
            state.urn: (state.type, alike(state.inputs), sorted(state.dependencies), state.protect, state.parent)
            for state in store.snapshot.resources
            if not is_provider(state.type)
        }


def alike(inputs):
    """Inputs in which every key and certificate is the same, and secrets are marked."""

    def visit(node):
        if isinstance(node, str):
            return PEM.sub("<pem>", node)
        return {"secret": node.value} if isinstance(node, Secret) else node

    return transform(inputs, visit)


def test_each_takes_over_the_others_state_with_no_change(stage):
    """Up by ours and previewed by the CLI, then up by the CLI and previewed by ours; the records are equal."""
    stage.run("up", "--yes")
    ours = records(stage)
    pulumi(stage, "preview", "--expect-no-changes")
    pulumi(stage, "destroy", "--yes", "--skip-preview")
    pulumi(stage, "up", "--yes", "--skip-preview")
    theirs = records(stage)
    assert ours.keys() == theirs.keys()
    for urn, record in ours.items():
        assert record == theirs[urn], urn
    assert changes(stage.run("preview")) == {}
    assert set(changes(stage.run("destroy", "--yes"))) == {"delete"}
