"""A copy of this project's stack with a state of its own, driven by the command line as a user drives it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PASSPHRASE = "correct horse"
TIMEOUT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the program, the state and the cluster are."""

    program: Path
    state: Path
    kubeconfig: Path
    stack: str = "dev"

    @classmethod
    def set(cls, folder: Path, kubeconfig: Path) -> "Stage":
        """A copy of Pulumi.yaml and `stacks/` in `folder`, with an empty state beside it."""
        program = folder / "program"
        shutil.copytree(ROOT / "stacks", program / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
        text = (ROOT / "Pulumi.yaml").read_text()
        (program / "Pulumi.yaml").write_text(text.replace("virtualenv: .venv", f"virtualenv: {Path(sys.prefix)}"))
        (folder / "state").mkdir()
        return cls(program=program, state=folder / "state", kubeconfig=kubeconfig)

    @property
    def environment(self) -> dict[str, str]:
        """What a shell would have exported."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "KUBECONFIG": str(self.kubeconfig),
        }

    def command(self, verb: str, *arguments: str) -> list[str]:
        """The command line of one verb."""
        return [
            *(sys.executable, "-m", "tenantmesh", verb),
            *("--stack", self.stack, "--program", str(self.program)),
            *arguments,
        ]

    def run(self, verb: str, *arguments: str) -> dict[str, Any]:
        """Run a verb with --json; it must succeed. Gives its document."""
        done = subprocess.run(
            self.command(verb, "--json", *arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, f"{verb}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return json.loads(done.stdout)

    def replace(self, file: str, old: str, new: str) -> None:
        """Edit the program as its user would; `old` must be there once."""
        path = self.program / file
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} is not once in {file}"
        path.write_text(text.replace(old, new))


def changes(document: dict[str, Any]) -> dict[str, int]:
    """How many resources changed, by operation, the unchanged left out."""
    return {op: count for op, count in document["changeSummary"].items() if op != "same"}


def changed(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Operation and URN of every resource that changed, sorted."""
    return sorted((step["op"], step["urn"]) for step in document["steps"] if step["op"] != "same")
