"""Pulumi's file backend: a folder of stacks that the Pulumi CLI and the embedded engine take over from each other."""

import contextlib
from collections.abc import Generator, Mapping
from pathlib import Path

from tenantmesh.engine.backend import checkpoint, files, journal, loading, location, names
from tenantmesh.engine.backend.history import Update
from tenantmesh.engine.backend.location import Layout
from tenantmesh.engine.backend.lock import StackLock
from tenantmesh.engine.backend.names import StackName
from tenantmesh.engine.backend.passphrase import Passphrase
from tenantmesh.engine.backend.records import decode_resource
from tenantmesh.engine.backend.session import ReadSession, WriteSession
from tenantmesh.engine.backend.store import Access
from tenantmesh.engine.store import StackStore
from tenantmesh.engine.values import Properties
from tenantmesh.errors import StateError

_ROOT_TYPE = "pulumi:pulumi:Stack"
_TRUE = frozenset({"1", "t", "true"})
_GZIP_VARIABLES = ("PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_GZIP")


class FileBackend:
    """The stacks below one folder; `environment` replaces os.environ."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._layout = Layout(root)
        self._environment = environment

    @classmethod
    def open(
        cls, url: str | None = None, *, environment: Mapping[str, str], project_url: str | None = None
    ) -> "FileBackend":
        """The backend that `url`, PULUMI_BACKEND_URL, the project or `pulumi login` names, else the home folder."""
        return cls(location.resolve(url, environment, project_url), environment)

    @property
    def url(self) -> str:
        """What `pulumi login` takes to use this backend."""
        return f"file://{self._layout.root}"

    def stacks(self, project: str) -> tuple[str, ...]:
        """The names of the project's stacks, sorted."""
        folder = self._layout.checkpoint(StackName(project, "any")).parent
        found = [path.name.removesuffix(".gz") for path in folder.glob("*.json*")] if folder.is_dir() else []
        return tuple(sorted({name.removesuffix(".json") for name in found if name.endswith(".json")}))

    def create(self, project: str, stack: str) -> None:
        """Make an empty stack; raises StateError when it exists."""
        name = StackName(project, stack)
        self._layout.prepare()
        with self._locked(name, "create"):
            path = loading.locate(self._layout, name)
            if path.exists():
                raise StateError(f"the stack {name} exists already; choose another name")
            self._refuse_journal(name)
            if any(self._environment.get(key, "").lower() in _TRUE for key in _GZIP_VARIABLES):
                path = path.with_name(f"{path.name}.gz")
            loading.store(path, loading.packed(path, checkpoint.blank(path, str(name))))

    def remove(self, project: str, stack: str) -> None:
        """Remove a stack that has no resources, and its history; the last checkpoint stays as `.bak` like the CLI's."""
        name = StackName(project, stack)
        with self._locked(name, "remove"):
            loaded = loading.load(self._layout, name)
            left = len(loaded.ledger.records()) + len(loaded.ledger.pending)
            if left:
                raise StateError(f"the stack {name} still has {left} resources or pending operations; destroy it first")
            path = loaded.checkpoint.path
            path.replace(path.with_name(f"{path.name}.bak"))
            path.with_name(f"{path.name}.attrs").unlink(missing_ok=True)
            files.sync_folder(path.parent)
            files.remove(self._layout.journal(name))
            for record in self._layout.history(name).glob("*"):
                record.unlink(missing_ok=True)

    @contextlib.contextmanager
    def open_stack(
        self,
        project: str,
        stack: str,
        passphrase: Passphrase,
        *,
        access: Access = Access.WRITE,
        command: str = "up",
        message: str = "",
        salt: str = "",
        config: Mapping[str, object] | None = None,
    ) -> Generator[StackStore]:
        """Open a stack for one run.

        Writing takes the lock, which says `command` to others; leaving without `finish` folds what was noted and
        records a failed update. `salt` is the stack configuration's encryption salt, with which the state is encrypted
        from now on; empty keeps the state's own. `message` and `config` (as stored, secrets encrypted) go to the
        history.
        Raises LockError, PassphraseError or StateError.
        """
        name = StackName(project, stack)
        if access is Access.READ:
            yield ReadSession(self._layout, name, passphrase)
            return
        self._layout.prepare()
        update = Update(command=command, message=message, config=config or {})
        session = WriteSession(self._layout, name, passphrase, salt, update)
        try:
            yield session
        except BaseException as error:
            session.abandon(error)
            raise
        session.finish(ok=False)

    def outputs(self, reference: str, *, project: str = "", passphrase: Passphrase | None = None) -> Properties:
        """The outputs of another stack, for a StackReference; `project` is the one that a bare stack name means.

        References have the forms `stack`, `organization/stack` and `organization/project/stack`.
        """
        name = names.parse(reference, project)
        loaded = loading.load(self._layout, name)
        unlock = (passphrase or Passphrase(self._environment)).unlock
        codec = loading.codec_for(loaded.checkpoint.salt, unlock)
        roots = (
            record
            for record in loaded.ledger.records()
            if record.get("type") == _ROOT_TYPE and not record.get("delete")
        )
        root = next(roots, None)
        return {} if root is None else decode_resource(root, 1, codec).outputs

    def _locked(self, name: StackName, command: str) -> StackLock:
        return StackLock(name, self._layout.locks(name), self._layout.gate(name), command)

    def _refuse_journal(self, name: StackName) -> None:
        path = self._layout.journal(name)
        if journal.read(path, files.read(path) or b""):
            raise StateError(
                f"{path}: a run of a stack of this name crashed, and the stack was removed since; "
                "restore its checkpoint to keep that run's steps, or move the journal away to give them up"
            )
        files.remove(path)
