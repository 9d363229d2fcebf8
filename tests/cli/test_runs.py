"""The command line as scripts see it: exit codes, output, and what the environment decides."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.checked import run

PROGRAM = """
import pulumi
import pulumi_random as random

pet = random.RandomPet("pet", length=2)
pulumi.export("pet", pet.id)
"""
BROKEN = PROGRAM + "\nraise RuntimeError('the program broke')\n"


class Shell:
    """A folder with a project, a state folder of its own, and the variables of a shell."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.write("Pulumi.yaml", "name: pets\nruntime: python\n")
        self.write("__main__.py", PROGRAM)
        (folder / "state").mkdir()
        self.variables = {
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
        }

    def write(self, name: str, text: str):
        (self.folder / name).write_text(text)

    def __call__(self, *arguments: str, code: int = 0, folder: Path | None = None) -> str:
        """Run `tenantmesh`; it must end with `code`. Gives its output, errors included."""
        return run(*arguments, code=code, folder=folder or self.folder, variables=self.variables)


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


def test_a_stack_lives_from_preview_to_destroy(shell):
    """preview changes nothing, up creates, up again finds nothing to do, destroy deletes; each says so."""
    assert "to create" in shell("preview", "-s", "dev")
    assert "created" in shell("up", "-s", "dev", "--yes")
    again = shell("up", "-s", "dev", "--yes")
    assert "unchanged" in again
    assert "created" not in again
    assert "deleted" in shell("destroy", "-s", "dev", "--yes")


def test_the_output_survives_from_run_to_run(shell):
    """What was random at first is remembered."""
    first = json.loads(shell("up", "-s", "dev", "--yes", "--json"))["outputs"]
    assert json.loads(shell("up", "-s", "dev", "--yes", "--json"))["outputs"] == first
    assert first["pet"].count("-") == 1


def test_nothing_is_done_unasked(shell):
    """Without a terminal and without --yes, `up` refuses before it starts."""
    assert "give --yes" in shell("up", "-s", "dev", code=1)
    assert not list((shell.folder / "state").rglob("*.json"))


def test_a_broken_program_fails_the_run(shell):
    """Exit code 1, the program's own words, and nothing deployed."""
    shell.write("__main__.py", BROKEN)
    assert "the program broke" in shell("up", "-s", "dev", "--yes", code=1)
    assert "the program broke" in shell("preview", "-s", "dev", code=1)


def test_the_stack_comes_from_the_environment_or_is_the_only_one(shell):
    """PULUMI_STACK names it; else the one that the project knows; else the choice is named."""
    assert "--stack" in shell("preview", code=1)
    shell.write("Pulumi.qa.yaml", "")
    assert "Previewing (qa)" in shell("preview")
    shell.write("Pulumi.dev.yaml", "")
    assert "dev, qa" in shell("preview", code=1)
    shell.variables["PULUMI_STACK"] = "dev"
    assert "Previewing (dev)" in shell("preview")


def test_a_program_elsewhere_is_found(shell, tmp_path_factory):
    """--program takes the folder; without it, the nearest Pulumi.yaml above counts."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert "no Pulumi.yaml" in shell("preview", "-s", "dev", code=1, folder=elsewhere)
    assert "Previewing" in shell("preview", "-s", "dev", "--program", str(shell.folder), folder=elsewhere)
    deeper = shell.folder / "deeper"
    deeper.mkdir()
    assert "Previewing" in shell("preview", "-s", "dev", folder=deeper)


def test_destroy_needs_a_stack_but_no_program(shell):
    """A stack that isn't there is an error; one that is, is destroyed even when its program is broken."""
    assert "no stack 'dev'" in shell("destroy", "-s", "dev", "--yes", code=1)
    shell("up", "-s", "dev", "--yes")
    shell.write("__main__.py", BROKEN)
    assert "deleted" in shell("destroy", "-s", "dev", "--yes")


def test_the_passphrase_may_lie_in_a_file(shell):
    """PULUMI_CONFIG_PASSPHRASE_FILE is as good, and a wrong passphrase is told."""
    shell("up", "-s", "dev", "--yes")
    del shell.variables["PULUMI_CONFIG_PASSPHRASE"]
    assert "passphrase" in shell("up", "-s", "dev", "--yes", code=1)
    shell.write("phrase", "a passphrase\n")
    shell.variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(shell.folder / "phrase")
    assert "unchanged" in shell("up", "-s", "dev", "--yes")
    shell.write("phrase", "another")
    assert "incorrect passphrase" in shell("up", "-s", "dev", "--yes", code=1)


def test_the_real_cli_is_asked_for_by_name(shell):
    """--engine pulumi where there is no such program is a clear error."""
    shell.variables["PATH"] = "/nowhere"
    assert "pulumi is not on PATH" in shell("up", "-s", "dev", "--yes", "--engine", "pulumi", code=1)
    assert "created" in shell("up", "-s", "dev", "--yes", "--engine", "auto")


@pytest.mark.pulumi
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")
def test_the_real_cli_starts_a_stack_that_the_embedded_engine_goes_on_with(shell):
    """--engine pulumi makes a stack that is not there, as `up` does, and leaves nothing to do for the other."""
    shell.variables |= {name: os.environ[name] for name in ("PULUMI_HOME",) if name in os.environ}
    shell.variables["PULUMI_SKIP_UPDATE_CHECK"] = "true"
    shell("up", "-s", "dev", "--yes", "--engine", "pulumi", "--skip-preview")
    again = shell("up", "-s", "dev", "--yes", "--engine", "embedded")
    assert "2 unchanged" in again
    assert "created" not in again


def test_wrong_usage_has_its_own_exit_code(shell):
    """2, as usual; help is 0."""
    shell("up", "--nonsense", code=2)
    shell("render", code=2)
    assert "preview" in shell("--help")


def test_a_cluster_that_is_not_there_is_told(shell, tmp_path):
    """`status` ends with 1 and `kubeconfig` says how to start one."""
    assert "absent" in shell("cluster", "status", "--folder", str(tmp_path / "none"), code=1)
    assert "tenantmesh cluster up" in shell("cluster", "kubeconfig", "--folder", str(tmp_path / "none"), code=1)
