"""Runs a Pulumi program in this process: a function that makes resources, with the monitor called directly."""

import asyncio
import gc
import inspect
import traceback
import warnings
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pulumi
import pulumi.runtime

from tenantmesh.engine.host import fresh_stack, settling
from tenantmesh.engine.host.immediate import ImmediateLoop
from tenantmesh.engine.host.kept_lines import keep_lines
from tenantmesh.engine.monitor.monitor import DirectMonitor, Monitor, RefusedError
from tenantmesh.engine.monitor.registrar import Surroundings
from tenantmesh.errors import ProgramError

Program = Callable[[], Awaitable[None] | None]
"""What a Pulumi program's main module does, as a function."""

_THREADS: Final = 8
"""Calls of the monitor at one time; more threads only get in each other's way in one process."""


class InProcessProgram:
    """Runs `program` in a context of its own, so that nothing of the SDK's state outlives the run."""

    def __init__(self, program: Program, root: Path | None = None) -> None:
        self._program = program
        self._root = root or Path.cwd()

    def run(self, monitor: Monitor, surroundings: Surroundings) -> None:
        """Run it to its end; raises ProgramError with the program's traceback."""
        failures: list[str] = []
        # A thread of its own, for the caller may be within an event loop.
        thread = Thread(target=self._attempt, args=(DirectMonitor(monitor), surroundings, failures), name="program")
        keep_lines([fresh_stack.__file__])
        thread.start()
        thread.join()
        # The SDK keeps what was configured last for contexts that have nothing of their own.
        Context().run(_configure, project=None, stack=None)
        if failures:
            with _forgetting():
                gc.collect()
            raise ProgramError(failures[0])

    def _attempt(self, monitor: DirectMonitor, surroundings: Surroundings, failures: list[str]) -> None:
        try:
            Context().run(self._run, monitor, surroundings)
        except (pulumi.RunError, RefusedError) as error:
            failures.append(str(error))
        except BaseException as error:  # noqa: BLE001  whatever the program raises is shown
            failures.append(f"the program failed with an unhandled exception:\n{_trace(error)}")

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
        loop = ImmediateLoop() if settings.preview else asyncio.new_event_loop()
        executor = ThreadPoolExecutor(max_workers=min(_THREADS, settings.parallel * 4))
        loop.set_default_executor(executor)
        loop.set_exception_handler(lambda _loop, _context: None)
        try:
            asyncio.set_event_loop(loop)
            with warnings.catch_warnings():
                loop.run_until_complete(pulumi.runtime.run_in_stack(settling.settled(fresh_stack.alone(self._program))))
        finally:
            with _forgetting():
                loop.run_until_complete(_abandon())
            executor.shutdown(wait=True)
            asyncio.set_event_loop(None)
            loop.close()


def _trace(error: BaseException) -> str:
    """The traceback without the frames of the engine and the SDK that lead to the program."""
    frames = [frame.filename.replace("\\", "/") for frame in traceback.extract_tb(error.__traceback__)]
    inner = [index for index, file in enumerate(frames) if "pulumi/runtime" in file]
    first = next((index + 1 for index in inner if index + 1 < len(frames) and index + 1 not in inner), 0)
    called = [index + 1 for index, file in enumerate(frames) if file == fresh_stack.__file__]
    first = max((first, *called))
    return "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=first - len(frames)))


@contextmanager
def _forgetting() -> Generator[None]:
    """Let go of what the SDK prepared and a failed program never waited for, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        yield


async def _abandon() -> None:
    """Cancel what a program that failed has left waiting, so that nothing of it is reported as forgotten."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _configure(**wanted: Any) -> None:
    # Older SDKs know fewer settings.
    known = inspect.signature(pulumi.runtime.Settings.__init__).parameters
    pulumi.runtime.configure(pulumi.runtime.Settings(**{key: value for key, value in wanted.items() if key in known}))
