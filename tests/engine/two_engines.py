"""The real Pulumi CLI and the embedded engine behind one face, and what their states have to share."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).with_name("programs")
PASSPHRASE = "two engines, one passphrase"
STACK = "dev"
SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"
# When something was done and from which line differs from run to run, and no step depends on it.
_VOLATILE = ("created", "modified", "sourcePosition", "stackTrace")
# The CLI shows a replacement as one step, and reads what a StackReference names at each run.
_NO_CHANGES = ("same", "read", "create-replacement", "delete-replaced")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A copy of a test program with a backend of its own."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def copy(cls, name: str, to: Path, backend: Path, **environment: str) -> "Program":
        folder = to / name
        shutil.copytree(PROGRAMS / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
        backend.mkdir(exist_ok=True)
        own = {
            "PULUMI_BACKEND_URL": f"file://{backend}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
            # The language host runs the first python on PATH.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        return cls(folder=folder, environment={**os.environ, **own, **environment})

    def pulumi(self, *arguments: str) -> str:
        """What the real CLI prints; it has to end well."""
        done = self.run("pulumi", *arguments, "--stack", STACK, "--non-interactive")
        assert done.returncode == 0, f"pulumi {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )

    def init(self, **config: str) -> "Program":
        """Make the stack with the CLI, with two secrets in its configuration."""
        self.run("pulumi", "stack", "init", STACK, "--non-interactive")
        self.pulumi("config", "set", "--secret", "seed", "marker-seed")
        self.pulumi("config", "set", "--path", "settings.list[0]", "1")
        self.pulumi("config", "set", "--path", "--secret", "settings.shut", "marker-setting")
        return self.configure(**config)

    def configure(self, **config: str) -> "Program":
        for key, value in config.items():
            self.pulumi("config", "set", key, value)
        return self

    def state(self) -> dict[str, dict[str, Any]]:
        """The stack's records by URN, secrets in plain, without what differs from run to run."""
        deployment = json.loads(self.pulumi("stack", "export", "--show-secrets"))["deployment"]
        records = {record["urn"]: record for record in deployment.get("resources", [])}
        assert len(records) == len(deployment.get("resources", [])), "a URN occurs twice"
        return {urn: _steady(record) for urn, record in records.items()}


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One of the two, as a command line; `flags` are those of a run that asks nobody."""

    name: str
    command: tuple[str, ...]
    flags: tuple[str, ...] = ("--yes", "--skip-preview")

    def up(self, program: Program) -> None:
        self._checked(program, "up", *self.flags)

    def destroy(self, program: Program) -> subprocess.CompletedProcess[str]:
        return self._run(program, "destroy", *self.flags)

    def preview(self, program: Program) -> dict[str, dict[str, Any]]:
        """The steps that change something, by URN: their kind and the properties that call for a replacement."""
        steps = json.loads(self._checked(program, "preview", "--json"))["steps"]
        changes = [step for step in steps if step["op"] not in _NO_CHANGES]
        # Sorted, for the CLI names the properties in another order each time.
        reasons = {step["urn"]: sorted(step.get("replaceReasons") or ()) for step in changes}
        return {step["urn"]: {"op": step["op"], "replace": reasons[step["urn"]]} for step in changes}

    def _checked(self, program: Program, *arguments: str) -> str:
        done = self._run(program, *arguments)
        assert done.returncode == 0, f"{self.name} {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _run(self, program: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
        return program.run(*self.command, *arguments, "--stack", STACK)


REAL = Engine(name="pulumi", command=("pulumi",), flags=("--yes", "--skip-preview", "--non-interactive"))
EMBEDDED = Engine(name="tenantmesh", command=(sys.executable, "-m", "tenantmesh"))


def shape(state: Mapping[str, dict[str, Any]], other: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A state with every value masked that its providers made up, so that two independent runs can be compared."""
    made = _texts([(record.get("outputs"), record.get("id")) for record in state.values()])
    known = _texts([(record.get("outputs"), record.get("id")) for record in other.values()])
    return {urn: _masked(_plain(record), made - known) for urn, record in sorted(state.items())}


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two values differ, a line for each leaf."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [line for key in keys for line in differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            line for at, pair in enumerate(zip(one, other, strict=True)) for line in differences(*pair, f"{path}[{at}]")
        ]
    return [] if one == other else [f"{path}: {one!r} is not {other!r}"]


def _steady(record: dict[str, Any]) -> dict[str, Any]:
    steady = {key: value for key, value in record.items() if key not in _VOLATILE}
    if "dependencies" in steady:
        steady["dependencies"] = sorted(steady["dependencies"])
    return steady


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Of an object of a cluster only which outputs there are counts: the server fills them in at its own pace."""
    if not record["type"].startswith("kubernetes:"):
        return record
    outputs = {key: isinstance(value, dict) and SECRET_SIGNATURE in value for key, value in record["outputs"].items()}
    outputs.pop("status", None)
    return {**record, "outputs": outputs}


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict) and SECRET_SIGNATURE in value:
        return _texts(json.loads(value["plaintext"]))
    if isinstance(value, dict):
        return {text for item in value.values() for text in _texts(item)}
    if isinstance(value, list | tuple):
        return {text for item in value for text in _texts(item)}
    return {str(value)} if value is not None else set()


def _masked(value: Any, made: set[str]) -> Any:
    if isinstance(value, dict):
        if SECRET_SIGNATURE in value:
            return {"secret": _masked(json.loads(value["plaintext"]), made)}
        return {key: _masked(item, made) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, made) for item in value]
    if isinstance(value, str) and "::pulumi:providers:" in value:
        return value.rpartition("::")[0]
    return "made" if str(value) in made else value
