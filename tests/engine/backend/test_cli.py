"""The Pulumi CLI takes over what the backend writes, and the other way round, with no change shown."""

import json
import os
import shutil
import subprocess
import time

import pytest
from msgspec import structs

from tenantmesh.engine.backend import Access, FileBackend, Passphrase
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.engine.resource import Change, Operation, OperationType
from tenantmesh.engine.values import Secret
from tenantmesh.errors import LockError

PULUMI = shutil.which("pulumi")
PROGRAM = """
import pulumi
class Part(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Part", name, {"given": [1, None, {"a": 1.5}]}, opts)
        self.register_outputs({"done": True, "hidden": pulumi.Output.secret({"key": "marker-<cli>"})})
first = Part("first")
Part("second", pulumi.ResourceOptions(parent=first))
Part("third", pulumi.ResourceOptions(depends_on=[first]))
pulumi.export("password", pulumi.Config().require_secret("password"))
pulumi.export("size", 3)
"""

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(PULUMI is None, reason="the Pulumi CLI is not on PATH"),
]


class Cli:
    """Runs the Pulumi CLI in a project's folder, against a backend in a folder."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment

    def __call__(self, *arguments, ok=True):
        done = subprocess.run(
            [PULUMI, *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def cli(tmp_path):
    folder, state = tmp_path / "project", tmp_path / "state"
    folder.mkdir()
    state.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    given = {
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    run = Cli(folder, {**os.environ, **given})
    run("stack", "init", "dev")
    run("config", "set", "--secret", "password", "marker-password")
    return run


@pytest.fixture
def shared(cli):
    return FileBackend.open(environment=cli.environment)


def test_each_takes_over_the_others_state(cli, shared):
    passphrase = Passphrase(cli.environment)
    cli("up", "--yes", "--skip-preview")
    salt = StackConfig.load(Project.load(cli.folder), "dev", passphrase).salt
    file = next((cli.folder.parent / "state/.pulumi/stacks/shop").glob("dev.json"))
    before = file.read_bytes()
    with shared.open_stack("shop", "dev", passphrase, salt=salt) as store:
        for state in store.snapshot.resources:
            store.record(Change(put=structs.replace(state)))
        store.finish()
    assert file.read_bytes() == before
    with shared.open_stack("shop", "dev", passphrase, salt=salt) as store:
        for state in store.snapshot.resources:
            changed = structs.replace(state, modified="2026-01-01T00:00:00Z")
            store.end(store.begin(Operation(type=OperationType.UPDATING, resource=changed)), Change(put=changed))
        store.finish()
    assert file.read_bytes() != before
    assert "unchanged" in cli("preview", "--expect-no-changes")
    outputs = json.loads(cli("stack", "output", "--json", "--show-secrets"))
    assert outputs == {"password": "marker-password", "size": 3}
    cli("up", "--yes", "--skip-preview")
    expected = {"password": Secret("marker-password"), "size": 3}
    assert shared.outputs("dev", project="shop", passphrase=passphrase) == expected
    cli("destroy", "--yes", "--skip-preview")
    with shared.open_stack("shop", "dev", passphrase, access=Access.READ) as store:
        assert store.snapshot.resources == ()


def test_each_honours_the_others_lock(cli, shared, tmp_path):
    passphrase = Passphrase(cli.environment)
    with shared.open_stack("shop", "dev", passphrase) as store:
        assert "the stack is currently locked by 1 lock(s)" in cli("up", "--yes", "--skip-preview", ok=False)
        store.finish()
    seen, leave = tmp_path / "seen", tmp_path / "leave"
    (cli.folder / "__main__.py").write_text(
        "import pathlib, time\n"
        f"pathlib.Path({str(seen)!r}).touch()\n"
        f"deadline = time.monotonic() + 60\n"
        f"while not pathlib.Path({str(leave)!r}).exists() and time.monotonic() < deadline: time.sleep(0.05)\n"
    )
    command = [PULUMI, "up", "--yes", "--skip-preview", "--non-interactive"]
    with subprocess.Popen(command, cwd=cli.folder, env=cli.environment, stdout=subprocess.DEVNULL) as process:
        try:
            while not seen.exists() and process.poll() is None:
                time.sleep(0.05)
            with pytest.raises(LockError, match=f"process {process.pid}"):
                shared.open_stack("shop", "dev", passphrase).__enter__()
        finally:
            leave.touch()
        assert process.wait(timeout=120) == 0


def test_a_stack_that_was_made_here_is_a_stack_of_the_cli(cli, shared):
    shared.create("shop", "fresh")
    assert "fresh" in cli("stack", "ls")
    shutil.copy(cli.folder / "Pulumi.dev.yaml", cli.folder / "Pulumi.fresh.yaml")
    assert "created" in cli("up", "--yes", "--skip-preview", "--stack", "fresh")
