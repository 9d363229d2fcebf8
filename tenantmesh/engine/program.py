"""Runs a Pulumi program against a monitor: as a child process, the way Pulumi's language host does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Lock, Thread
from typing import IO, Final, Protocol

from msgspec import Struct, field

from tenantmesh.engine.events import Severity
from tenantmesh.engine.monitor.monitor import Monitor
from tenantmesh.engine.monitor.registrar import Surroundings
from tenantmesh.engine.monitor.service import Service
from tenantmesh.errors import ProgramError

_HOST: Final = Path(__file__).with_name("host") / "child.py"
_SHOWN: Final = 32
"""The exit code of a program that has told its error already (sdk/python/cmd/pulumi-language-python-exec)."""
_PATIENCE: Final = 10.0
"""Seconds that a program has to end by itself once its run is being stopped."""


class ProgramRunner(Protocol):
    """Runs a program to its end, several times in a run if need be (preview and deployment)."""

    def run(self, monitor: Monitor, surroundings: Surroundings) -> None:
        """Run it; raises ProgramError when it failed."""
        ...

    def interrupt(self) -> None:
        """End it at once; called from another thread."""
        ...


class ChildProgram(Struct, kw_only=True):
    """A program in a child interpreter. `main` is its folder or file, `root` the folder of Pulumi.yaml.

    `interpreter` is the Python that has the program's dependencies; `environment` is what the child sees besides
    Pulumi's own variables.
    """

    main: Path
    root: Path
    interpreter: Path = field(default_factory=lambda: Path(sys.executable))
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    _child: "subprocess.Popen[str] | None" = None
    _lock: Lock = field(default_factory=Lock)

    def run(self, monitor: Monitor, surroundings: Surroundings) -> None:
        """Start the child, pass on what it prints, and wait for its end."""
        deployment = surroundings.deployment
        with Service(monitor, deployment.settings.parallel) as service:
            child = self._start(service.address, surroundings)
            ended = Event()
            watcher = Thread(target=self._watch, args=(child, surroundings, ended), daemon=True)
            readers = [
                Thread(target=_pass_on, args=(stream, severity, surroundings), daemon=True)
                for stream, severity in ((child.stdout, Severity.INFO), (child.stderr, Severity.WARNING))
                if stream is not None
            ]
            for thread in (watcher, *readers):
                thread.start()
            try:
                code = child.wait()
            finally:
                ended.set()
                self.interrupt()
            for thread in readers:
                thread.join()
        if code != 0:
            raise ProgramError("" if code in (1, _SHOWN) else f"the program ended with exit code {code}")

    def interrupt(self) -> None:
        """Kill the child if it still runs."""
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                self._child.kill()
                self._child.wait()

    def ended(self) -> bool:
        """Whether no child of this program runs."""
        with self._lock:
            return self._child is None or self._child.poll() is not None

    def _start(self, address: str, surroundings: Surroundings) -> "subprocess.Popen[str]":
        settings = surroundings.deployment.settings
        folder = self.main if self.main.is_dir() else self.main.parent
        if not self.main.exists():
            raise ProgramError(f"{self.main}: there is no such program; set `main` in Pulumi.yaml")
        arguments = {
            "monitor": address,
            "engine": address,
            "project": settings.project,
            "stack": settings.stack,
            "organization": surroundings.organization,
            "root_directory": str(self.root),
            "parallel": str(settings.parallel),
            "dry_run": "true" if settings.preview else "false",
        }
        options = [f"--{key}={value}" for key, value in arguments.items()]
        child = subprocess.Popen(
            [str(self.interpreter), "-u", str(_HOST), *options, "." if self.main.is_dir() else self.main.name],
            cwd=folder,
            env=self._environment(arguments, surroundings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C is the engine's to handle: the steps under way have to end, and the program waits for them.
            start_new_session=True,
        )
        with self._lock:
            self._child = child
        return child

    def _environment(self, arguments: Mapping[str, str], surroundings: Surroundings) -> dict[str, str]:
        config = surroundings.config
        return {
            **self.environment,
            "PULUMI_CONFIG": json.dumps(dict(config.values)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(sorted(config.secret_keys)),
            "PULUMI_PROJECT": arguments["project"],
            "PULUMI_STACK": arguments["stack"],
            "PULUMI_ORGANIZATION": arguments["organization"],
            "PULUMI_MONITOR": arguments["monitor"],
            "PULUMI_ENGINE": arguments["engine"],
            "PULUMI_DRY_RUN": arguments["dry_run"],
            "PULUMI_PARALLEL": arguments["parallel"],
        }

    def _watch(self, child: "subprocess.Popen[str]", surroundings: Surroundings, ended: Event) -> None:
        """Once the run is stopped, give the program a while to notice, then kill it."""
        while not ended.wait(0.1):
            if surroundings.deployment.stopped:
                try:
                    child.wait(_PATIENCE)
                except subprocess.TimeoutExpired:
                    self.interrupt()
                return


def _pass_on(stream: IO[str], severity: Severity, surroundings: Surroundings) -> None:
    with stream:
        for line in stream:
            surroundings.deployment.reporter.say(severity, line.rstrip("\n"))
