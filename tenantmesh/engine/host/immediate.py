"""An event loop for programs that run beside the engine in one process."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from pulumi.runtime._callbacks import _CallbackServicer  # pyright: ignore[reportPrivateUsage]  see _may_be_asked


class ImmediateLoop(asyncio.SelectorEventLoop):
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


def _may_be_asked() -> bool:
    """Whether a program has a server for what the engine asks back, such as its transforms."""
    # Only the SDK knows of those that a request brings along; other versions may keep them elsewhere.
    return bool(getattr(_CallbackServicer, "_servicers", True))
