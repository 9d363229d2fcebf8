"""Runs one command on a stack of the file backend, and ends as by kill -9 at the chosen provider call."""

import json
import os
import sys
from pathlib import Path

import pulumi

from tenantmesh.engine.backend import FileBackend, Passphrase
from tenantmesh.engine.conductor import Run
from tenantmesh.engine.events import Command
from tenantmesh.engine.inprocess import InProcessProgram
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.provider import Created, Resource
from tenantmesh.engine.values import Properties
from tests.engine.fakes import Cloud, FakeProvider, FakeSource, Thing


class FolderProvider(FakeProvider):
    """Its things are files, so that they outlive the process."""

    def __init__(self, cloud: Cloud, folder: Path, kill_at: int) -> None:
        super().__init__(cloud)
        self._folder = folder
        self._left = kill_at
        for path in folder.glob("*.json"):
            cloud.things[path.stem], cloud.names[path.stem] = json.loads(path.read_text())

    def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> Created:
        self._die("before create")
        created = super().create(resource, inputs, preview=preview)
        draft = self._folder / f"{created.id}.draft"
        draft.write_text(json.dumps([inputs, resource.urn]))
        draft.rename(draft.with_suffix(".json"))
        self._die("after create")
        return created

    def delete(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> None:
        self._die("before delete")
        super().delete(resource, identifier, outputs, inputs)
        (self._folder / f"{identifier}.json").unlink(missing_ok=True)
        self._die("after delete")

    def _die(self, _when: str) -> None:
        self._left -= 1
        if self._left == 0:
            os._exit(137)


class OneSource(FakeSource):
    """Always gives the same provider."""

    def __init__(self, provider: FolderProvider) -> None:
        super().__init__(provider.cloud)
        self._provider = provider

    def open_provider(self, package: str, ambient: object) -> FolderProvider:
        del package, ambient
        return self._provider


def program() -> None:
    """A chain and two single ones, with a secret."""
    first = Thing("one", {"size": 1})
    second = Thing("two", {"from": first.made, "word": pulumi.Output.secret("sesame street")})
    Thing("three", {"from": second.made})
    Thing("four", {"size": 1})
    Thing("five", {"size": 1})


def main() -> int:
    """Arguments: the folder, the command and at which call to end."""
    folder, command, kill_at = Path(sys.argv[1]), Command(sys.argv[2]), int(sys.argv[3])
    environment = {"PULUMI_CONFIG_PASSPHRASE": "correct horse"}
    backend = FileBackend.open(f"file://{folder / 'state'}", environment=environment)
    if "dev" not in backend.stacks("project"):
        backend.create("project", "dev")
    cloud = Cloud()
    cloud.ids = iter(range(int.from_bytes(os.urandom(4)), 1 << 40))
    with backend.open_stack("project", "dev", Passphrase(environment)) as store:
        result = Run(
            store=store,
            config=Config({}),
            program=InProcessProgram(program),
            providers=OneSource(FolderProvider(cloud, folder / "things", kill_at)),
            sink=lambda _event: None,
            options=RunOptions(skip_preview=True),
        ).execute(command)
        print(len(store.snapshot.pending), sorted(state.id for state in result.resources if "fake" in state.type))
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
