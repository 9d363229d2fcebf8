"""Runs a Pulumi program in this process: a function that makes resources, with the monitor called directly."""

import asyncio
import gc
import inspect
import traceback
import warnings
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pulumi
import pulumi.runtime
from pulumi.runtime._callbacks import _CallbackServicer  # pyright: ignore[reportPrivateUsage]  see _may_be_asked

from tenantmesh.engine.host import settling
from tenantmesh.engine.host.kept_lines import keep_lines
from tenantmesh.engine.monitor import DirectMonitor, Monitor, RefusedError
from tenantmesh.engine.registrar import Surroundings
from tenantmesh.errors import ProgramError

Program = Callable[[], Awaitable[None] | None]
"""What a Pulumi program's main module does, as a function."""

_THREADS: Final = 8
"""Calls of the monitor at one time; more threads only get in each other's way in one process."""


class _Immediate(asyncio.SelectorEventLoop):
    """Calls the monitor at once: in a preview it waits for nobody, and a change of threads costs more than the call."""

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """What `func` gives or raises, in a future that is done; in a thread when `func` may ask the program back."""
        if _may_be_asked():
            return super().run_in_executor(executor, func, *args)
        future: asyncio.Future[Any] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  whoever awaits the future gets it
            future.set_exception(error)
        return future


class InProcessProgram:
    """Runs `program` in a context of its own, so that nothing of the SDK's state outlives the run."""

    def __init__(self, program: Program, root: Path | None = None) -> None:
        self._program = program
        self._root = root or Path.cwd()

    def run(self, monitor: Monitor, surroundings: Surroundings) -> None:
        """Run it to its end; raises ProgramError with the program's traceback."""
        failures: list[str] = []
        # A thread of its own, for the SDK takes a stack trace for every resource, which costs by the frame.
        thread = Thread(target=self._attempt, args=(DirectMonitor(monitor), surroundings, failures), name="program")
        keep_lines([__file__, settling.__file__])
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
        loop = _Immediate() if settings.preview else asyncio.new_event_loop()
        executor = ThreadPoolExecutor(max_workers=min(_THREADS, settings.parallel * 4))
        loop.set_default_executor(executor)
        loop.set_exception_handler(lambda _loop, _context: None)
        try:
            asyncio.set_event_loop(loop)
            with warnings.catch_warnings():
                loop.run_until_complete(pulumi.runtime.run_in_stack(settling.settled(self._program)))
        finally:
            with _forgetting():
                loop.run_until_complete(_abandon())
            executor.shutdown(wait=True)
            asyncio.set_event_loop(None)
            loop.close()


def _may_be_asked() -> bool:
    """Whether a program has a server for what the engine asks back, such as its transforms."""
    # Only the SDK knows of those that a request brings along; other versions may keep them elsewhere.
    return bool(getattr(_CallbackServicer, "_servicers", True))


def _trace(error: BaseException) -> str:
    """The traceback without the frames of this module and the SDK that lead to the program."""
    frames = traceback.extract_tb(error.__traceback__)
    inner = [index for index, frame in enumerate(frames) if "pulumi/runtime" in frame.filename.replace("\\", "/")]
    first = next((index + 1 for index in inner if index + 1 < len(frames) and index + 1 not in inner), 0)
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
