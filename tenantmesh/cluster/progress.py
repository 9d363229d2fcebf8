"""What the long steps of building and starting tell their caller, so that a command line can draw it."""

from collections.abc import Callable

from msgspec import Struct


class Step(Struct, frozen=True, kw_only=True):
    """One line of progress.

    `text` says what is going on; `done` of `total` units (compiled packages) are finished where they can be counted.
    """

    text: str
    done: int | None = None
    total: int | None = None


OnProgress = Callable[[Step], None]
"""A function that is called with each step, from the thread that runs it."""


def silent(step: Step) -> None:
    """Drop all progress: the default."""
