"""How to wait while little is known of the past, and when to try again what failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from bot.providers.interface import Pace
    from bot.store.past import Took

ENOUGH_PAST = 20
"""Films of the same kind before their times say more than the provider's words."""
CALLBACK_SPACING = timedelta(seconds=1)
"""A callback brings an ask forward, but never nearer than this to the one before."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest time between two scheduled asks of one provider task."""

    shortest: timedelta = timedelta(seconds=10)
    longest: timedelta = timedelta(seconds=300)

    def clamp(self, wait: timedelta) -> timedelta:
        """Return the wait, moved into the bounds."""
        return max(self.shortest, min(wait, self.longest))


def wait_before_ask(pace: Pace, asks: int, bounds: Bounds, random: Random) -> timedelta:
    """Return how long to wait for the ask after `asks` earlier ones, at the provider's own pace.

    A tenth of jitter keeps tasks that started together from being asked about together.
    """
    grown = min(pace.slowest / pace.first, pace.growth ** min(asks, 32))
    return bounds.clamp(pace.first * grown * random.uniform(0.9, 1.1))


def usual_and_worst(past: Sequence[Took], told: tuple[timedelta, timedelta]) -> tuple[timedelta, timedelta]:
    """Return how long it is likely to take: the median and the 90th percentile of our own past ones.

    Before there are enough of them it is what was told; the worst is never less than the usual.
    """
    usual, worst = told
    if len(past) >= ENOUGH_PAST:
        ranked = sorted(took.by for took in past)
        usual, worst = ranked[len(ranked) // 2], ranked[-(-9 * len(ranked) // 10) - 1]
    return usual, max(usual, worst)


def backoff(misses: int, random: Random, *, most: timedelta = timedelta(seconds=60)) -> timedelta:
    """Return a wait that doubles with every miss, with full jitter but never under half a second."""
    ceiling = min(most, timedelta(seconds=2 ** min(misses, 16)))
    return max(timedelta(seconds=0.5), ceiling * random.random())
