"""A stack that goes to the lab: what its Mesh declares of the control plane, and its deployment."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

from tenantmesh.cluster.folders import private_folder, write_private
from tenantmesh.engine.evaluate import Evaluation
from tenantmesh.engine.events import Command, Event
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.program import ChildProgram
from tenantmesh.engine.project.placeholders import Placeholders
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.run import run
from tenantmesh.errors import LabError
from tenantmesh.lab.layout import Layout

_MESH = "tenantmesh:index:Mesh"
_TIMEOUT = 600


class Stack(Struct, frozen=True, kw_only=True):
    """A stack of the Pulumi project in `program`."""

    program: Path
    name: str = "dev"

    def helm_values(self) -> dict[str, Any]:
        """The values for Istio's charts that the stack's Mesh declares; LabError if it declares none."""
        project = Project.load(self.program)
        config = StackConfig.load(project, self.name, Placeholders(os.environ))
        events: list[Event] = []
        ambient = Ambient(project=project.name, stack=self.name, environment=dict(os.environ), offline=True)
        result = run(
            Command.PREVIEW,
            project=project,
            store=MemoryStore(project.name, self.name),
            config=config,
            program=ChildProgram(main=project.program, root=project.folder, interpreter=Path(sys.executable)),
            providers=BuiltInProviders(),
            sink=events.append,
            options=RunOptions(skip_preview=True, ambient=ambient),
        )
        found = Evaluation(ok=result.ok, resources=result.resources, outputs=result.outputs, events=tuple(events))
        for one in found.resources:
            if one.type == _MESH and isinstance(values := one.outputs.get("helmValues"), dict):
                return values
        raise LabError(f"{self.program}: stack {self.name} has no Mesh: {'; '.join(found.failures) or 'add one'}")

    def deploy(self, layout: Layout, verb: str = "up") -> str:
        """Bring the stack into the lab with the embedded engine, and give what that says; LabError when it fails."""
        command = [sys.executable, "-m", "tenantmesh", verb, "--engine", "embedded", "--yes", "--skip-preview"]
        done = subprocess.run(
            [*command, "--stack", self.name, "--program", str(self.program)],
            env=self._environment(layout),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
        )
        if done.returncode != 0:
            said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
            raise LabError(f"stack {self.name} can't be deployed (exit {done.returncode}): {said}")
        return done.stdout

    def _environment(self, layout: Layout) -> dict[str, str]:
        """A state of the lab's own, whose passphrase lies beside it: both go when the lab does."""
        passphrase = private_folder(layout.state) / "passphrase"
        if not passphrase.exists():
            write_private(passphrase, secrets.token_urlsafe(32).encode())
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        return kept | {
            "KUBECONFIG": str(layout.cluster.kubeconfig),
            # istiod's namespace is there before the stack, which may want to make it.
            "PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true",
            "PULUMI_BACKEND_URL": f"file://{layout.state}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
        }
