"""A client that asks at a steady rate while something is changed, and keeps every answer."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.mesh.asking import Answer, RefusedError

_PAUSE = 0.05
"""Seconds between one answer and the next request."""


@dataclass
class Asked:
    """What became of the requests so far."""

    answered: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, send: Callable[[], Answer]) -> None:
        try:
            answer = send()
        except RefusedError as refused:
            self.failures.append(str(refused))
        else:
            self.answered += answer.status == 200
            self.failures += [f"{answer.status}: {answer.text[:200]}"] if answer.status != 200 else []


@contextmanager
def steady(send: Callable[[], Answer]) -> Generator[Asked]:
    """Send one request after the other while the block lasts."""
    asked, over = Asked(), threading.Event()

    def ask():
        while not over.is_set():
            asked.add(send)
            over.wait(_PAUSE)

    client = threading.Thread(target=ask, daemon=True)
    client.start()
    try:
        yield asked
    finally:
        over.set()
        client.join(60)
    assert not client.is_alive(), "the client's last request never ended"
