"""A pool of threads that does not hold up the end of the program when it is to end at once."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Workers(Executor):
    """Like ThreadPoolExecutor, but with daemon threads, so that a second Ctrl-C ends the program."""

    def __init__(self, most: int, name: str = "engine") -> None:
        self._most = max(1, most)
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._idle = Semaphore(0)
        self._lock = Lock()

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """Have `fn` called by a thread."""
        future: Future[_T] = Future()
        self._work.put(lambda: _call(future, fn, args, kwargs))
        with self._lock:
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
                thread = Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  the base's
        """End the threads when the work is done; with `wait` until they have ended."""
        del cancel_futures
        with self._lock:
            threads = list(self._threads)
        for _ in threads:
            self._work.put(None)
        if wait:
            for thread in threads:
                thread.join()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        # An exception, Ctrl-C above all, is not held up by work that is still under way.
        self.shutdown(wait=error is None)
        return None

    def _run(self) -> None:
        while True:
            job = self._work.get()
            if job is None:
                return
            job()
            self._idle.release()


def _call(future: "Future[Any]", fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(fn(*args, **kwargs))
    except BaseException as error:  # noqa: BLE001  it belongs to whoever asks for the result
        future.set_exception(error)
