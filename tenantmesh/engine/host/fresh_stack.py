"""Calls a program with nothing of the event loop on its stack, for the SDK takes a stack trace for every resource."""

import asyncio
from _thread import start_new_thread
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

_T = TypeVar("_T")


def alone(program: Callable[[], _T]) -> Callable[[], _T]:
    """`program`, called in a thread while the loop's own waits for it: as in the loop, nothing else happens meanwhile.

    A trace costs by the frame, and thirteen of twenty-two lead from the thread's start through the loop to the program.
    """

    def run() -> _T:
        loop = asyncio.get_running_loop()
        outcome: Future[_T] = Future()

        def call() -> None:
            # Documented for whoever runs a loop.
            asyncio._set_running_loop(loop)
            try:
                outcome.set_result(program())
            except BaseException as error:  # noqa: BLE001  raised where the program was called from
                outcome.set_exception(error)
            finally:
                asyncio._set_running_loop(None)

        # Not a threading.Thread, which has three frames of its own.
        start_new_thread(copy_context().run, (call,))
        return outcome.result()

    return run
