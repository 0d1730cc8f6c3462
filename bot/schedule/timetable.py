"""When to ask about a generation, learned from past ones of its kind.

An ask costs something, and so does each second in which a film lies finished and nobody knows. The cheapest
asks are found by a dynamic programme over what is likely, from the longest time back to the submit.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from math import inf, sqrt
from typing import TYPE_CHECKING

from bot.schedule.likelihood import Likelihood, likelihood
from bot.schedule.pace import ENOUGH_PAST, Bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from bot.store.past import Took

WORTH = timedelta(seconds=5)
"""One ask is worth so much of a member's waiting. The providers' own paces pay 2 to 16 s for one less."""
TAIL = 2.0
"""What takes longer than any did: of those, this power of the time says how many are left (Pareto)."""
NEWEST = 50
"""So many of the latest say whether callbacks come."""
LATE = 0.1
"""The share of generations that a late ask finds under way; the card calls that time the worst."""
THINNER = 4
"""Of those, each further ask finds this many times fewer."""
LONGEST_SILENCE = timedelta(hours=1)
"""Between late asks, however long it takes."""
STEP, PARTS, MOST_AGES = 0.03, 6, 1_000
"""Ages are looked at in steps of three per cent, several to the longest wait, and not more than these."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When to ask about generations of one kind, by their age: the time since their submit."""

    bounds: Bounds
    worth: float
    """Of an ask, in seconds of waiting."""
    likelihood: Likelihood
    ages: array[float]
    asks: array[float]
    """At each of the ages, the age at which to ask next."""
    called: bool
    """Whether callbacks brought every one of the latest."""

    def wait(self, age: timedelta, random: Random) -> timedelta:
        """Return how long after an age, at which it wasn't done, to ask next: always some time."""
        return self.bounds.clamp(timedelta(seconds=self._next(age.total_seconds())) * _jitter(random))

    def long_wait(self, age: timedelta, random: Random) -> timedelta:
        """Return the same for one whose callback is as good as sure: only a lost one needs the ask."""
        seconds = age.total_seconds()
        left = 1 - self.likelihood.done(seconds)
        end = self.likelihood.when(1 - min(LATE, left / THINNER))
        if end is None:
            end = seconds * THINNER ** (1 / TAIL)
        wait = timedelta(seconds=end - seconds)
        if left <= LATE:
            wait = min(wait, LONGEST_SILENCE)
        return max(self.bounds.shortest, wait * _jitter(random))

    def _next(self, age: float) -> float:
        after = bisect_right(self.ages, age)
        if after >= len(self.ages):
            return _beyond(age, self.worth)
        before, then = self.ages[after - 1], self.ages[after]
        part = (age - before) / (then - before) if after > 1 else 0.0  # nothing is done before the second age
        return self.asks[after - 1] + part * (self.asks[after] - self.asks[after - 1]) - age


def learned(past: Sequence[Took], bounds: Bounds, *, callbacks: bool = False) -> Timetable | None:
    """Learn a timetable from past generations, newest first; None: there are too few.

    Where `callbacks` are asked for, those that came make waiting cheaper: a delay costs only where one was
    lost, and by that much rarer are the asks.
    """
    if len(past) < ENOUGH_PAST:
        return None
    lost = sum(not took.called for took in islice(past, NEWEST)) if callbacks else NEWEST
    heard = min(len(past), NEWEST)
    worth = WORTH.total_seconds() / (min(1.0, (lost + 0.5) / (heard + 1)) if callbacks else 1.0)
    likely = likelihood(past)
    ages = _ages(likely, bounds)
    return Timetable(bounds, worth, likely, ages, _asks(ages, likely, bounds, worth), lost == 0)


def _jitter(random: Random) -> float:
    return random.uniform(0.9, 1.1)


def _beyond(age: float, worth: float) -> float:
    """Return the best wait where the chance to end is as a Pareto tail's, which falls as the age grows."""
    return sqrt(2 * worth * age / TAIL)


def _ages(likely: Likelihood, bounds: Bounds) -> array[float]:
    """Return the ages to choose from: the submit, then all those at which it may be done and asked for."""
    age, end = max(likely.times[0], bounds.shortest.total_seconds()), likely.times[-1]
    most = max(bounds.longest.total_seconds() / PARTS, 0.01)
    ages = array("d", [0.0])
    while age < end and len(ages) < MOST_AGES:
        ages.append(age)
        age += min(age * STEP, most)
    return ages


def _asks(ages: array[float], likely: Likelihood, bounds: Bounds, worth: float) -> array[float]:
    """Return for each age the next ask that costs least, all that may follow it counted.

    A cost is that of the asks and of the seconds between being done and being asked about, times the share
    that it concerns. The later the one ask, the later the next: so the search goes only one way.
    """
    shortest, longest = bounds.shortest.total_seconds(), bounds.longest.total_seconds()
    done = [likely.done(age) for age in ages]
    waited = _areas(ages, done)
    last = len(ages) - 1
    tail = worth + sqrt(2 * worth * TAIL * ages[last]) / (TAIL - 0.5)  # of all asks after the last age
    costs = [(1 - share) * tail for share in done]
    asks = array("d", (age + _beyond(age, worth) for age in ages))
    first, best = last + 1, last
    for at in range(last - 1, -1, -1):
        age, share = ages[at], done[at]
        while first - 1 > at and ages[first - 1] - age >= shortest:
            first -= 1
        if first > last:
            continue
        while best > first and ages[best] - age > longest:
            best -= 1
        least = inf
        for then in range(first, max(best, first) + 1):
            cost = waited[then] - share * ages[then] + costs[then]
            if cost < least:
                least, best = cost, then
        asks[at] = ages[best]
        costs[at] = least + worth * (1 - share) - waited[at] + share * age
    return asks


def _areas(ages: Sequence[float], done: Sequence[float]) -> list[float]:
    """Return the seconds for which what is done by each age has been done, were nobody to ask."""
    areas = [0.0]
    for at in range(1, len(ages)):
        areas.append(areas[-1] + (done[at] + done[at - 1]) / 2 * (ages[at] - ages[at - 1]))
    return areas
