"""A small Pulumi project on disk with a state of its own, run by the embedded engine or by the real CLI."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Cost, of_command
from tenantmesh.components.objects import kubernetes_version

_PROJECT = "name: small-objects\nruntime: python\n"
_PROGRAM = '''"""{count} ConfigMaps in a namespace, as plain resources."""

import json

import pulumi

VERSION = "{version}"
home = pulumi.CustomResource(
    "kubernetes:core/v1:Namespace",
    "{namespace}",
    {{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{namespace}"}}}},
    pulumi.ResourceOptions(version=VERSION),
)
for index in range({count}):
    name = f"object-{{index:05}}"
    pulumi.CustomResource(
        "kubernetes:core/v1:ConfigMap",
        name,
        {{
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {{"name": name, "namespace": "{namespace}"}},
            "data": {{"name": name, "settings.json": json.dumps({{"numbers": list(range(10))}})}},
        }},
        pulumi.ResourceOptions(version=VERSION, depends_on=[home]),
    )
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the program, its state and the cluster are."""

    folder: Path
    kubeconfig: Path

    @classmethod
    def set(cls, folder: Path, kubeconfig: Path, count: int) -> "Stage":
        """A program of `count` objects in `folder`; the real CLI, where it is used, gets its stack."""
        (folder / "state").mkdir(parents=True)
        program = _PROGRAM.format(count=count, version=kubernetes_version(), namespace=folder.name)
        (folder / "__main__.py").write_text(program)
        (folder / "Pulumi.yaml").write_text(_PROJECT)
        return cls(folder=folder, kubeconfig=kubeconfig)

    @property
    def environment(self) -> dict[str, str]:
        """The caller's, with a backend, a passphrase and a cluster for this project alone."""
        return {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "benchmark",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "KUBECONFIG": str(self.kubeconfig),
        }

    def run(self, verb: str) -> Cost:
        """The cost of `tenantmesh VERB`."""
        chosen = ["--engine", "embedded"] if verb == "up" else []
        options = ["--program", str(self.folder), "--stack", "dev", "--yes", "--skip-preview", *chosen]
        return of_command([sys.executable, "-m", "tenantmesh", verb, *options], self.environment)

    def real(self, verb: str) -> list[str]:
        """The command line of `pulumi VERB`; the stack is made on first use."""
        where = ["--cwd", str(self.folder), "--non-interactive"]
        if not (self.folder / "Pulumi.dev.yaml").exists():
            made = ["pulumi", "stack", "init", "dev", *where]
            subprocess.run(made, check=True, capture_output=True, timeout=120, env=self.environment)
        return ["pulumi", verb, "--stack", "dev", "--yes", "--skip-preview", *where]

    def checkpoint(self) -> Path:
        """The file that holds the stack's state."""
        return next((self.folder / "state").glob(".pulumi/stacks/**/dev.json"))
