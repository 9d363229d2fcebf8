"""Twenty moments spread over the whole of a run, at random within their share of it."""

import os
import random
from dataclasses import dataclass

from tests.crash.killing import Ended, Moment

COUNT = 20
EARLY = 3
"""So many of them fall before a run's first step."""
SEED = int(os.environ.get("TENANTMESH_CRASH_SEED", "20"))
"""Every process of a session has to draw the same moments, so another seed comes by the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A moment in shares of a run that was not measured yet."""

    early: bool
    share: float
    delay: float
    engine_only: bool

    def in_run(self, run: Ended) -> Moment:
        """The moment in runs like `run`."""
        if self.early:
            return Moment(lines=0, seconds=self.share * run.until_first, engine_only=self.engine_only)
        # A delay brings the kill into the middle of calls, where something was made that nothing tells of yet.
        rest = (run.seconds - run.until_first) * (1 - self.share)
        lines = 1 + int(self.share * run.lines)
        return Moment(lines=lines, seconds=self.delay * rest / 2, engine_only=self.engine_only)


def draws(purpose: str) -> list[Draw]:
    """The moments for one purpose, in an order that has nothing to do with their time."""
    chance = random.Random(f"{purpose} {SEED}")  # noqa: S311  reproducible, not secret
    drawn: list[Draw] = []
    for number in range(COUNT):
        early = number < EARLY
        place, places = (number, EARLY) if early else (number - EARLY, COUNT - EARLY)
        drawn.append(
            Draw(
                early=early,
                share=(place + chance.random()) / places,
                delay=chance.choice((0.0, chance.random())),
                engine_only=chance.random() < 0.3,
            )
        )
    chance.shuffle(drawn)
    return drawn
