"""Waits for what a program has started before the SDK does, whose own way costs the square of it."""

import asyncio
import inspect
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Final

_SILENCE: Final = 60.0
"""Seconds without any output settled, after which the SDK may wait in its own way."""


def settled(program: Callable[[], Awaitable[None] | None]) -> Callable[[], Awaitable[None]]:
    """`program`, ended only when its outputs are there or one has failed.

    The SDK waits for the first of all outputs to be done, again and again, and each time looks at every one: with the
    outputs of 20,000 resources that is a quarter of the run. What failed is left for it to find and to raise.
    """

    async def run() -> None:
        started = program()
        if inspect.isawaitable(started):
            await started
        while pending := _pending():
            done, _ = await asyncio.wait(pending, timeout=_SILENCE, return_when=asyncio.FIRST_EXCEPTION)
            if not done or any(one.cancelled() or one.exception() for one in done):
                # The SDK's own coroutines, which it drops when an output of the stack has failed.
                warnings.filterwarnings("ignore", "coroutine 'Output", RuntimeWarning)
                return

    return run


def _pending() -> list["asyncio.Task[Any]"]:
    from pulumi.runtime.settings import SETTINGS

    # Older SDKs keep no set of outputs, or no lock for it.
    lock, outputs = getattr(SETTINGS, "lock", None), getattr(SETTINGS, "outputs", ())
    if lock is None:
        return []
    with lock:
        return [one for one in outputs if not one.done()]
