"""A program with secrets, everything it writes while it runs, and everybody who could see it."""

import errno
import os
import pty
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ
from typing import Any

import yaml

from tenantmesh.engine.backend import Access, FileBackend, Passphrase
from tenantmesh.engine.resource import ResourceState
from tests.secrets import markers
from tests.secrets.markers import Witness

_HERE = Path(__file__).parent
_PHRASE = {"PULUMI_CONFIG_PASSPHRASE": markers.PASSPHRASE}
_WATCHED = ("state", "home", "tmp")
_LOOK_SECONDS = 0.05
_RUN_SECONDS = 180
_COLUMNS = 4000
"""A terminal so wide that nothing is wrapped: what is searched for has to be in one piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """`root` holds the programs, the state, a home and a folder for temporary files."""

    root: Path
    kubeconfig: Path
    namespace: str
    witness: Witness = field(default_factory=Witness)
    known: set[tuple[str, int, int, int]] = field(default_factory=set[tuple[str, int, int, int]])
    """The versions of files that were seen already: path, inode, time of the last change and size."""

    @classmethod
    def set(cls, root: Path, kubeconfig: Path, namespace: str) -> "Household":
        """Both programs with their configuration, secrets encrypted in it; nothing is deployed."""
        for folder in _WATCHED:
            (root / folder).mkdir()
        crypter = Passphrase(_PHRASE).create()

        def secure(text: str) -> dict[str, str]:
            return {"secure": crypter.encrypt(text)}

        inner = {"password": secure(markers.PASSWORD), "open": "plain-setting"}
        settings = {"inner": inner, "list": ["plain-item", secure(markers.ITEM)], "pin": secure(str(markers.PIN))}
        plain: dict[str, Any] = {"namespace": namespace, "settings": settings}
        texts = {"token": markers.TOKEN, "lines": markers.LINES, "odd": markers.ODD}
        configs = {
            "program": {"secrets": {**plain, **{key: secure(text) for key, text in texts.items()}}},
            "lender": {"lender": {"password": secure(markers.LENT)}},
        }
        for name, config in configs.items():
            shutil.copytree(_HERE / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            full = {f"{project}:{key}": value for project, keys in config.items() for key, value in keys.items()}
            content = {"encryptionsalt": crypter.salt, "config": full}
            (root / name / "Pulumi.dev.yaml").write_text(yaml.safe_dump(content))
        return cls(root=root, kubeconfig=kubeconfig, namespace=namespace)

    def environment(self, behaviour: str) -> dict[str, str]:
        """What a shell would have exported."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
            "PULUMI_BACKEND_URL": f"file://{self.root / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": markers.PASSPHRASE,
            "KUBECONFIG": str(self.kubeconfig),
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "COLUMNS": str(_COLUMNS),
            "TERM": "xterm",
            "PYTHONDONTWRITEBYTECODE": "1",
            "BEHAVIOUR": behaviour,
        }

    def run(self, *arguments: str, program: str = "program", behaviour: str = "chatter") -> int:
        """Run the command line through pipes; gives its exit code."""
        title = f"{behaviour}: {' '.join(arguments)}"
        with self.watched(title):
            done = subprocess.run(
                self._command(program, arguments),
                env=self.environment(behaviour),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_RUN_SECONDS,
                check=False,
            )
        self.witness.see(f"stdout of {title}", done.stdout)
        self.witness.see(f"stderr of {title}", done.stderr)
        return done.returncode

    def run_on_terminal(self, *arguments: str, behaviour: str = "chatter") -> int:
        """Run the command line on a terminal, where its display is alive; gives its exit code."""
        title = f"{behaviour}: {' '.join(arguments)}"
        master, slave = pty.openpty()
        ioctl(slave, TIOCSWINSZ, pack("HHHH", 200, _COLUMNS, 0, 0))
        with self.watched(title):
            process = subprocess.Popen(
                self._command("program", arguments),
                env=self.environment(behaviour),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
            )
            os.close(slave)
            self.witness.see(f"terminal of {title}", b"".join(_read(master)).replace(b"\r\n", b"\n"))
            os.close(master)
            return process.wait(_RUN_SECONDS)

    def leave_a_journal(self, steps: int) -> None:
        """Kill an `up` that has taken down so many steps."""
        title = "lingering: up, killed"
        said = self.root / "tmp" / "killed.log"
        with self.watched(title), said.open("wb") as log:
            process = subprocess.Popen(
                self._command("program", ("up", "--yes", "--skip-preview")),
                env=self.environment("lingering"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            journal = self.root / "state/.pulumi/tenantmesh/journal/secrets/dev.jsonl"
            pause = threading.Event()
            while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= steps):
                pause.wait(_LOOK_SECONDS)
            process.kill()
            process.wait(_RUN_SECONDS)
            assert journal.exists(), f"the run ended before it was killed:\n{said.read_text()}"
            self._see_files(title)

    @contextmanager
    def watched(self, title: str) -> Iterator[None]:
        """See every version of every file, and every command line, while the block lasts and at its end."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(_LOOK_SECONDS):
                self._see_files(title)
                self._see_processes(title)

        looker = threading.Thread(target=look)
        looker.start()
        try:
            yield
        finally:
            over.set()
            looker.join()
            self._see_files(title)

    def see_folder(self, folder: Path) -> bytes:
        """See what is in a folder now; gives all of it."""
        contents = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
        for content in contents:
            self.witness.see(f"files in {folder.name}", content)
        return b"\n".join(contents)

    def states(self) -> tuple[ResourceState, ...]:
        """The resources in the state, secrets decrypted."""
        backend = FileBackend.open(f"file://{self.root / 'state'}", environment=_PHRASE)
        with backend.open_stack("secrets", "dev", Passphrase(_PHRASE), access=Access.READ) as store:
            return store.snapshot.resources

    def _command(self, program: str, arguments: tuple[str, ...]) -> list[str]:
        verb, *rest = arguments
        options = ["--stack", "dev", "--program", str(self.root / program)]
        return [sys.executable, "-m", "tenantmesh", verb, *options, *rest]

    def _see_files(self, title: str) -> None:
        for folder in _WATCHED:
            for path in (self.root / folder).rglob("*"):
                try:
                    about = path.stat()
                    version = (str(path), about.st_ino, about.st_mtime_ns, about.st_size)
                    if version in self.known or not path.is_file():
                        continue
                    content = path.read_bytes()
                except OSError:
                    continue  # It has been moved or removed since it was listed.
                self.known.add(version)
                self.witness.see(f"{path.relative_to(self.root)} during {title}", content)

    def _see_processes(self, title: str) -> None:
        root = str(self.root).encode()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:
                continue  # The process has ended.
            if root in line:
                self.witness.see(f"command line during {title}", line)


def _read(master: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(master, 1 << 16)
        except OSError as error:
            # A terminal without anybody at its other end ends so on Linux.
            if error.errno != errno.EIO:
                raise
            return
        if not data:
            return
        yield data


def generated(states: tuple[ResourceState, ...]) -> Mapping[str, list[str]]:
    """The secret values that providers have made, by URN."""
    made = [state for state in states if state.type.startswith(("random:", "tls:"))]
    return {state.urn: list(markers.secrets_in(state.outputs)) for state in made}
