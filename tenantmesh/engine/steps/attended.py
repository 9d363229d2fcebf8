"""Waits for work while somebody may press Ctrl-C: once to stop in good order, twice to end at once."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


def attended(work: Callable[[], _T], stop: Callable[[], None], kill: Callable[[], None]) -> _T:
    """What `work` returns; the first Ctrl-C calls `stop`, the second `kill` and is raised."""
    future: Future[_T] = Future()
    thread = Thread(target=_do, args=(future, work), name="run", daemon=True)
    try:
        try:
            thread.start()
            return future.result()
        except KeyboardInterrupt:
            stop()
            return future.result()
    except KeyboardInterrupt:
        kill()
        raise


def _do(future: "Future[_T]", work: Callable[[], _T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  it belongs to whoever waits for the result
        future.set_exception(error)
