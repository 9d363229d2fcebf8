"""The policy pack as Pulumi's engine sees it: a server of its own, asked over gRPC about the dev stack."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tenantmesh.cli.workspace import Workspace
from tenantmesh.engine.events import Command
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.project.placeholders import Placeholders
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.run import run
from tenantmesh.engine.values import reveal
from tests.policypack.environment import install

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("analyze.py")
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi's wire format has for a text that is not known yet."""


@pytest.fixture(scope="module")
def stack():
    """The dev stack's resources, evaluated in this process."""
    found = Workspace.find(ROOT, "dev", Placeholders(os.environ))
    ambient = Ambient(project="tenantmesh", stack="dev", environment=dict(os.environ), offline=True)
    result = run(
        Command.UP,
        project=found.project,
        store=MemoryStore("tenantmesh", "dev"),
        config=found.config,
        program=found.program,
        providers=BuiltInProviders(),
        sink=lambda _event: None,
        options=RunOptions(skip_preview=True, ambient=ambient, outputs=found.outputs),
    )
    assert result.ok
    return [shown(one) for one in result.resources]


def shown(state):
    properties = reveal(dict(state.inputs if state.custom else state.outputs))
    return {"type": state.type, "urn": state.urn, "properties": json.loads(json.dumps(properties, default=str))}


@pytest.fixture(scope="module")
def told(stack):
    """What the pack says of the stack, without its network fence, with a wrong field, and with an unknown one."""
    unfenced = [one for one in stack if one["properties"].get("kind") != "NetworkPolicy"]
    stacks = [stack, unfenced, patched(stack, "NetworkPolicy", spec=7), patched(stack, "Secret", data=UNKNOWN_TEXT)]
    asked = {"pack": str(ROOT / "policy" / "__main__.py"), "stacks": stacks}
    done = subprocess.run(
        [install(), DRIVER],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def patched(stack, kind, **fields):
    first = next(one for one in stack if one["properties"].get("kind") == kind)
    return [{**one, "properties": {**one["properties"], **fields}} if one is first else one for one in stack]


def test_the_dev_stack_breaks_no_policy(told):
    assert told["stacks"][0] == []


def test_a_stack_without_its_fence_breaks_the_mandatory_policy_at_the_tenants_own_urn(told):
    found = [one for one in told["stacks"][1] if one["policy"] == "network-uncovered"]
    assert {one["urn"].rpartition("::")[2] for one in found} == {"tenant1/tenant1", "tenant2/tenant2"}
    assert {one["level"] for one in found} == {1}


def test_a_violation_has_a_witness_and_a_fix(told):
    message = told["stacks"][1][0]["message"]
    assert "for example: stranger/any-pod -> tenant1/details:8080/TCP" in message
    assert "fix: make a NetworkPolicy in namespace tenant1" in message


def test_an_object_of_a_wrong_shape_breaks_the_policy_for_that_and_no_other(told):
    assert [(one["policy"], one["level"]) for one in told["stacks"][2]] == [("stack-readable", 1)]
    assert "spec" in told["stacks"][2][0]["message"]


def test_what_is_not_known_yet_is_no_hindrance(told):
    assert told["stacks"][3] == []


def test_levels_are_those_of_the_severity(told):
    assert told["levels"]["network-reach"] == "MANDATORY"
    assert set(told["levels"].values()) == {"MANDATORY", "ADVISORY"}


@pytest.mark.pulumi
def test_the_pulumi_cli_takes_the_pack(tmp_path):
    """The CLI loads the folder, starts the pack and lists its policies' violations for a program with a breach."""
    if shutil.which("pulumi") is None:
        pytest.skip("the Pulumi CLI is not on PATH")
    done = preview(tmp_path)
    assert "network-uncovered" in done.stdout, done.stdout + done.stderr
    assert done.returncode != 0


PROGRAM = """
import pulumi
pulumi.CustomResource("kubernetes:core/v1:Namespace", "acme",
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "acme"}})
"""


def preview(folder):
    """A preview of one open namespace. No cluster is reached: the provider previews with its inputs as outputs."""
    (folder / "Pulumi.yaml").write_text("name: open\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "state").mkdir()
    python = install()
    environment = {
        **os.environ,
        "PATH": f"{python.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "test",
    }
    subprocess.run(["pulumi", "stack", "init", "dev"], cwd=folder, env=environment, check=True, capture_output=True)  # noqa: S607  found on PATH
    command = ["pulumi", "preview", "--non-interactive", "--policy-pack", str(ROOT / "policy")]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
