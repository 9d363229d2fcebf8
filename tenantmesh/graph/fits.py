"""Whether something matches: yes, no, or unsure because a part of it is not understood or not known."""

from collections.abc import Iterable
from enum import StrEnum


class Fit(StrEnum):
    """What comes of holding a selector, a port or a peer against an endpoint."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


def every(fits: Iterable[Fit]) -> Fit:
    """What several conditions give that all have to hold; `YES` of none."""
    found = Fit.YES
    for one in fits:
        if one is Fit.NO:
            return Fit.NO
        if one is Fit.UNSURE:
            found = Fit.UNSURE
    return found


def some(fits: Iterable[Fit]) -> Fit:
    """What several alternatives give of which one has to hold; `NO` of none."""
    found = Fit.NO
    for one in fits:
        if one is Fit.YES:
            return Fit.YES
        if one is Fit.UNSURE:
            found = Fit.UNSURE
    return found


def certain(*, holds: bool) -> Fit:
    """The fit of something that is known."""
    return Fit.YES if holds else Fit.NO
