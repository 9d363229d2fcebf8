"""One stack of one project, with its backend, configuration and program, as the command line names them."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path

from msgspec import Struct

from tenantmesh.engine.backend import Access, FileBackend, Passphrase, StackStore
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.program import ChildProgram
from tenantmesh.engine.project.project import Project, StackConfig, Unlocks
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProjectError, StateError


class Workspace(Struct, frozen=True, kw_only=True):
    """What every verb works on. Nothing is opened or locked yet."""

    project: Project
    stack: str
    config: StackConfig
    backend: FileBackend
    passphrase: Passphrase

    @classmethod
    def find(cls, folder: Path, stack: str | None, secrets: Unlocks | None = None) -> "Workspace":
        """The project of `folder` and the stack that is named, or its only one.

        `secrets` decrypts the configuration; by default that takes the passphrase, for which a person may be asked.
        Raises ProjectError when there is no project, no stack or a choice of several.
        """
        project = Project.load(folder)
        backend = FileBackend.open(environment=os.environ, project_url=project.backend_url or None)
        passphrase = Passphrase(os.environ, getpass if sys.stdin.isatty() else None)
        name = (stack or _only_stack(project, backend)).rpartition("/")[2]
        config = StackConfig.load(project, name, secrets or passphrase)
        return cls(project=project, stack=name, config=config, backend=backend, passphrase=passphrase)

    @property
    def program(self) -> ChildProgram:
        """The program in the interpreter of the project's virtual environment, or in this one when there is none."""
        if self.project.runtime != "python":
            raise ProjectError(f"{self.project.file}: runtime: has to be python, not {self.project.runtime!r}")
        named = self.project.runtime_options.get("virtualenv")
        python = self.project.folder / str(named) / "bin" / "python" if named else Path(sys.executable)
        return ChildProgram(
            main=self.project.program,
            root=self.project.folder,
            interpreter=python if python.exists() else Path(sys.executable),
        )

    @contextmanager
    def reading(self) -> Generator[StackStore]:
        """The stack's state for a preview, without a lock; empty for a stack that is not there yet."""
        if self._exists():
            with self.backend.open_stack(self.project.name, self.stack, self.passphrase, access=Access.READ) as store:
                yield store
        else:
            yield MemoryStore(self.project.name, self.stack)

    @contextmanager
    def creating(self, command: str) -> Generator[StackStore]:
        """The stack's state for a run that changes it; the stack is made if it is not there yet."""
        self.ensure()
        with self.writing(command) as store:
            yield store

    def ensure(self) -> None:
        """Make the stack, empty, if it is not there yet."""
        if not self._exists():
            self.backend.create(self.project.name, self.stack)

    @contextmanager
    def writing(self, command: str) -> Generator[StackStore]:
        """The stack's state for a run that changes it, locked. Raises StateError when there is no such stack."""
        if not self._exists():
            raise StateError(f"no stack {self.stack!r} in {self.backend.url}; `tenantmesh up` makes it")
        with self.backend.open_stack(
            self.project.name,
            self.stack,
            self.passphrase,
            command=command,
            salt=self.config.salt,
            config=self.config.stored,
        ) as store:
            yield store

    def outputs(self, reference: str) -> Properties:
        """The outputs of another stack, for a StackReference."""
        return self.backend.outputs(reference, project=self.project.name, passphrase=self.passphrase)

    def _exists(self) -> bool:
        return self.stack in self.backend.stacks(self.project.name)


def _only_stack(project: Project, backend: FileBackend) -> str:
    files = project.stack_file("*")
    configured = {path.name.split(".", 1)[1].rpartition(".")[0] for path in files.parent.glob(files.name)}
    known = sorted(configured | set(backend.stacks(project.name)))
    if len(known) != 1:
        choice = f"choose one of {', '.join(known)}" if known else "there is none yet"
        raise ProjectError(f"no stack is named; {choice} with --stack or PULUMI_STACK")
    return known[0]
