"""Keeps Python's garbage collector from looking through what a run or a proof holds until its end, again and again."""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_THRESHOLD: Final = 10_000_000
"""New objects, less those that went, between two looks; Python's own is 700, which costs a third of a run's time.

At 100,000 it is a tenth still, and more the larger a run is. Nearly all that is new stays until the end.
"""


@contextmanager
def patient_collector() -> Generator[None]:
    """While it lasts, what was there before is left alone and what is new is looked at rarely."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_THRESHOLD, 50, 50)
    try:
        yield
    finally:
        # What is new becomes old unseen: otherwise the next object that anybody makes has all of it looked through.
        gc.freeze()
        gc.set_threshold(*before)
        gc.unfreeze()
