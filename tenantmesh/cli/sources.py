"""Where objects come from: a stack's program, folders of YAML, a git revision of either, or a live cluster."""

import io
import os
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.cli.fitting import fitted
from tenantmesh.cli.live import Server
from tenantmesh.cli.workspace import Workspace
from tenantmesh.engine.evaluate import Evaluation, objects
from tenantmesh.engine.events import Command, Event
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.project.placeholders import Placeholders
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.run import run
from tenantmesh.errors import ManifestError, ProgramError, ProjectError
from tenantmesh.graph.cluster import Unread
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.reading import read_cluster, read_files
from tenantmesh.manifest import Manifest

if sys.version_info >= (3, 12):
    import tarfile
else:
    # Python 3.11 learned to refuse links to places outside in one of its patches, which Debian 12 has not.
    from backports import tarfile

_PROJECT = "Pulumi.yaml"
_MESH = "tenantmesh:index:Mesh"


class Read(NamedTuple):
    """Objects, and how the mesh is set where the program says so; else it is for the objects to say.

    `unread` are kinds that a live cluster does not show.
    """

    manifest: Manifest
    mesh: MeshSettings | None = None
    unread: tuple[Unread, ...] = ()


class Source(Struct, frozen=True, kw_only=True):
    """One set of objects: the files and folders of `manifests`, those of the cluster that `kubeconfig` names, or (with
    neither) what the program of a stack makes.

    `copy` is the folder of a copy of a repository that all of it lies in: lines are told relative to that.
    """

    manifests: tuple[Path, ...] = ()
    kubeconfig: Path | None = None
    stack: str | None = None
    program: Path = Path()
    known: bool = True
    copy: Path | None = None

    def read(self) -> Read:
        """The objects. Raises ManifestError for what can't be read, ProgramError when the program fails.

        With `known` false, what only a deployment knows stays unknown, so that two evaluations can be compared.
        """
        if self.manifests and self.kubeconfig:
            raise ManifestError(["give either --manifests or --kubeconfig, not both"])
        if self.kubeconfig:
            live = read_cluster(Server(self.kubeconfig))
            return Read(live.manifest, unread=live.unread)
        if self.manifests:
            return Read(_relative(read_files(self.manifests), "", self.copy))
        workspace = Workspace.find(self.program, self.stack, Placeholders(os.environ))
        found = _evaluated(workspace, Command.UP if self.known else Command.PREVIEW)
        return found._replace(manifest=_relative(found.manifest, workspace.project.folder, self.copy))


def _relative(manifest: Manifest, start: Path | str, copy: Path | None) -> Manifest:
    """With the lines of what lies in `copy` relative to it; they are relative to `start` now, or whole."""
    if copy is None:
        return manifest
    top = f"{copy.resolve()}{os.sep}"
    whole = ((one, str(Path(start).resolve() / one.source) if one.source else "") for one in manifest)
    return Manifest(tuple(replace(one, source=place.removeprefix(top)) for one, place in whole))


@contextmanager
def side(name: str, program: Path, stack: str | None) -> Generator[Source]:
    """One side of a comparison: a folder, or a git revision of the repository that `program` is in."""
    folder = Path(name)
    if folder.exists():
        yield _in(folder, folder, stack)
        return
    with TemporaryDirectory(prefix="tenantmesh-") as copy:
        top = Path(_git(program, "rev-parse", "--show-toplevel"))
        _extract(top, _tree(top, name), Path(copy))
        source = _in(Path(copy) / program.resolve().relative_to(top.resolve()), Path(copy), stack)
        yield replace(source, copy=Path(copy))


def _in(folder: Path, top: Path, stack: str | None) -> Source:
    """The project of a folder, or of the nearest one above it up to `top`; without one, the YAML in the folder."""
    inside = [one for one in (folder, *folder.parents) if one.is_relative_to(top)]
    if any((one / _PROJECT).exists() for one in inside):
        return Source(program=folder, stack=stack, known=False)
    return Source(manifests=(folder,))


def _tree(top: Path, name: str) -> str:
    """The id of the files of a revision."""
    try:
        return _git(top, "rev-parse", "--verify", "--end-of-options", f"{name}^{{tree}}")
    except ProjectError:
        shallow = _git(top, "rev-parse", "--is-shallow-repository") == "true"
        fix = "the clone is shallow: run `git fetch --unshallow` first" if shallow else "name one of the two"
        raise ProjectError(f"{name}: there is no such folder, nor such a git revision in {top}; {fix}") from None


def _extract(top: Path, tree: str, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(_run_git(top, "archive", tree))) as archive:
        try:
            archive.extractall(str(folder), filter="data")
        except tarfile.FilterError as error:
            reason = f"{error}; check the revision out and name its folder instead"
            raise ProjectError(f"{top}: the revision can't be looked at apart: {reason}") from None


def _git(folder: Path, *arguments: str) -> str:
    return _run_git(folder, *arguments).decode(errors="replace").strip()


def _run_git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise ProjectError(f"git can't be started: {error.strerror}; install it to compare revisions") from None
    if done.returncode:
        raise ProjectError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _evaluated(workspace: Workspace, command: Command) -> Read:
    events: list[Event] = []
    ambient = Ambient(project=workspace.project.name, stack=workspace.stack, environment=dict(os.environ), offline=True)
    result = run(
        command,
        project=workspace.project,
        store=MemoryStore(workspace.project.name, workspace.stack),
        config=workspace.config,
        program=workspace.program,
        providers=BuiltInProviders(),
        sink=events.append,
        options=RunOptions(skip_preview=True, ambient=ambient, outputs=workspace.outputs),
    )
    found = Evaluation(ok=result.ok, resources=result.resources, outputs=result.outputs, events=tuple(events))
    if not found.ok:
        raise ProgramError("; ".join(found.failures) or f"the program of {workspace.project.name} failed")
    return made(result.resources)


def made(resources: Sequence[ResourceState]) -> Read:
    """The objects among a program's resources, and what its Mesh says. Raises ManifestError for misshapen objects."""
    return Read(fitted(objects(resources)), next(_meshes(resources), None))


def _meshes(resources: Iterable[ResourceState]) -> Iterator[MeshSettings]:
    """What the Mesh of a program says; one that is not known yet says nothing."""
    for one in resources:
        config, environment = one.outputs.get("meshConfig"), one.outputs.get("istiodEnvironment")
        if one.type == _MESH and isinstance(config, dict) and isinstance(environment, dict):
            yield MeshSettings.of(config, environment)
