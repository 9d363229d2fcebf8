"""Runs a Pulumi program in this process: a function that makes resources, with the monitor called directly."""

import asyncio
import gc
import inspect
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi.runtime

from tenantmesh.engine.monitor import DirectMonitor, Monitor, RefusedError
from tenantmesh.engine.registrar import Surroundings
from tenantmesh.errors import ProgramError

Program = Callable[[], Awaitable[None] | None]
"""What a Pulumi program's main module does, as a function."""

_GARBAGE_THRESHOLD: Final = 100_000
_THREADS: Final = 8
"""Calls of the monitor at one time; more threads only get in each other's way in one process."""


class InProcessProgram:
    """Runs `program` in a context of its own, so that nothing of the SDK's state outlives the run."""

    def __init__(self, program: Program, root: Path | None = None) -> None:
        self._program = program
        self._root = root or Path.cwd()

    def run(self, monitor: Monitor, surroundings: Surroundings) -> None:
        """Run it to its end; raises ProgramError with the program's error as its cause."""
        try:
            with _patient_garbage_collector():
                Context().run(self._run, DirectMonitor(monitor), surroundings)
        except (pulumi.RunError, RefusedError) as error:
            raise ProgramError(str(error)) from error
        except Exception as error:
            raise ProgramError(f"{type(error).__name__}: {error}") from error
        finally:
            # The SDK keeps what was configured last for contexts that have nothing of their own.
            Context().run(_configure, project=None, stack=None)

    def interrupt(self) -> None:
        """A thread can't be killed; the program ends with its next call of the monitor."""

    def _run(self, monitor: DirectMonitor, surroundings: Surroundings) -> None:
        settings, config = surroundings.deployment.settings, surroundings.config
        pulumi.runtime.set_all_config(dict(config.values), sorted(config.secret_keys))
        _configure(
            project=settings.project,
            stack=settings.stack,
            monitor=monitor,
            engine=monitor,
            parallel=settings.parallel,
            dry_run=settings.preview,
            organization=surroundings.organization,
            root_directory=str(self._root),
        )
        loop = asyncio.new_event_loop()
        executor = ThreadPoolExecutor(max_workers=min(_THREADS, settings.parallel * 4))
        loop.set_default_executor(executor)
        loop.set_exception_handler(lambda _loop, _context: None)
        try:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(pulumi.runtime.run_in_stack(self._program))
        finally:
            executor.shutdown(wait=True)
            asyncio.set_event_loop(None)
            loop.close()


def _configure(**wanted: Any) -> None:
    # Older SDKs know fewer settings.
    known = inspect.signature(pulumi.runtime.Settings.__init__).parameters
    pulumi.runtime.configure(pulumi.runtime.Settings(**{key: value for key, value in wanted.items() if key in known}))


@contextmanager
def _patient_garbage_collector() -> Generator[None]:
    """Resources live until the end: looking through them for garbage again and again costs a third of the time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
