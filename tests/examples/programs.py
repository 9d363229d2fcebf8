"""The examples, each evaluated in this process with the defaults of its own Pulumi.yaml."""

import runpy
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tenantmesh.engine.backend import Passphrase
from tenantmesh.engine.evaluate import Evaluation, evaluate
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.values import Properties, reveal
from tenantmesh.errors import StateError

FOLDER = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/Pulumi.yaml"))
MAIN = {
    "organization/tenantmesh/dev": {
        "tenant1": {"endpoint": "https://tenant1.example.com", "namespaces": ["tenant1"]},
        "acme": "https://acme.example.com",
    }
}
"""The outputs of the main stack, for the example that reads them: as the dev stack and the first example have them."""


def main_outputs(reference: str) -> Properties:
    """What a StackReference finds; any other stack is not there."""
    if reference not in MAIN:
        raise StateError(f"no stack {reference}")
    return MAIN[reference]


def run_example(
    name: str, config: Mapping[str, str] | None = None, *, store: MemoryStore | None = None, preview: bool = False
) -> Evaluation:
    """What an example makes; certificates and passwords are real, Kubernetes objects go nowhere."""
    project = Project.load(FOLDER / name)
    defaults = StackConfig.load(project, "dev", Passphrase({}, None)).values
    given = {f"{project.name}:{key}": value for key, value in (config or {}).items()}
    ambient = Ambient(project=project.name, stack="dev", offline=True)
    return evaluate(
        lambda: runpy.run_path(str(FOLDER / name / "__main__.py")) and None,
        project=project.name,
        config={**defaults, **given},
        store=store or MemoryStore(project.name, "dev"),
        preview=preview,
        options=RunOptions(ambient=ambient, skip_preview=True, outputs=main_outputs, root=project.folder),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The objects of an evaluation, with secrets in the clear."""

    evaluation: Evaluation

    def bodies(self, kind: str, namespace: str | None = None) -> list[Any]:
        """All of a kind, or those of one namespace."""
        return [
            reveal(item.body)
            for item in self.evaluation.manifest
            if item.key.kind == kind and namespace in (None, item.key.namespace)
        ]

    def names(self, kind: str, namespace: str | None = None) -> list[str]:
        """Their names, sorted."""
        return sorted(body["metadata"]["name"] for body in self.bodies(kind, namespace))

    def one(self, kind: str, name: str, namespace: str | None = None) -> Any:
        """The one of this name."""
        (found,) = [body for body in self.bodies(kind, namespace) if body["metadata"]["name"] == name]
        return found

    def spec(self, kind: str, name: str, namespace: str | None = None) -> Any:
        """Its spec."""
        return self.one(kind, name, namespace)["spec"]


@cache
def objects(name: str) -> Found:
    """The objects of an example, which must be evaluated without a failure; they are made once and to be read only."""
    return objects_of(name, {}, None)


def objects_of(name: str, config: Mapping[str, str], store: MemoryStore | None) -> Found:
    """The objects of an example under a configuration, on the state of a run before."""
    found = run_example(name, config, store=store)
    assert found.failures == ()
    return Found(found)


def kept(secret: Mapping[str, Any]) -> dict[str, str]:
    """What a Secret holds, in the clear, in whichever of its two fields it is."""
    decoded = {key: b64decode(value).decode() for key, value in secret.get("data", {}).items()}
    return {**decoded, **secret.get("stringData", {})}
