"""One example in the lab beside the dev stack, whose mesh it joins."""

import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tenantmesh.lab import Stack
from tests.mesh.driving import Mesh
from tests.mesh.exhibits import FOLDER, as_guest

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class Guest:
    """A copy of an example, to be deployed as it is or changed; `namespaces` are those whose pods have to be ready."""

    mesh: Mesh
    program: Path
    text: str
    namespaces: tuple[str, ...]

    def deploy(
        self, replaced: Mapping[str, str] = _NOTHING, *, more: str = "", config: Mapping[str, str] = _NOTHING
    ) -> None:
        """Deploy it with texts in the place of others, each of which it has once, with `more` behind, and settings."""
        text = self.text
        for old, new in replaced.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        if config:
            (self.program / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": dict(config)}))
        self._put(f"{text}{more}")
        self.mesh.lab.wait("the example's pods", lambda: self.mesh.lab.are_ready(*self.namespaces))
        self.mesh.settle()

    def leave(self) -> None:
        """Take all of it away."""
        self._put('"""Nothing."""\n')
        self.mesh.settle()

    def _put(self, text: str) -> None:
        (self.program / "__main__.py").write_text(text)
        Stack(program=self.program).deploy(self.mesh.lab.layout)


@contextmanager
def beside(mesh: Mesh, example: str, *namespaces: str) -> Generator[Guest]:
    """A copy of an example, which is deployed when its `deploy` is called and gone when the block ends."""
    program = Path(tempfile.mkdtemp(dir=mesh.folder)) / example
    shutil.copytree(FOLDER / example, program, ignore=shutil.ignore_patterns("__pycache__"))
    guest = Guest(mesh=mesh, program=program, text=as_guest(example), namespaces=namespaces)
    try:
        yield guest
    finally:
        guest.leave()
