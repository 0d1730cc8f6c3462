"""How often films are asked for: known distributions, the fewest asks for each delay, and ways to ask."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from bot.schedule import Bounds, Timetable, learned
from bot.store.past import Took

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    Ask = Callable[[float, int, Random], float]
    """From the age in seconds and the asks before to the wait in seconds."""

BOUNDS = Bounds()
SPREAD = 0.9
"""Of the log-normal one: a mean of nine minutes where half take less than six."""


@dataclass(frozen=True)
class Films:
    """How long films take, in seconds."""

    name: str
    draw: Callable[[Random], float]
    done: Callable[[float], float]
    """The share that is done by then."""
    least: float
    most: float


LOG_UNIFORM = Films(
    "log-uniform, 2 min to 4 h",
    lambda random: 120 * 120 ** random.random(),
    lambda age: min(1.0, max(0.0, math.log(age / 120) / math.log(120))),
    120,
    14_400,
)
LOG_NORMAL = Films(
    "log-normal, median 6 min",
    lambda random: random.lognormvariate(math.log(360), SPREAD),
    lambda age: 0.5 * math.erfc(-math.log(age / 360) / SPREAD / math.sqrt(2)),
    360 * math.exp(-4 * SPREAD),
    360 * math.exp(4.2 * SPREAD),
)
ALL = (LOG_UNIFORM, LOG_NORMAL)


class Optimum:
    """The fewest asks for each mean delay, by a dynamic programme that knows the distribution itself.

    It has no shortest and no longest wait, and no jitter: nobody who asks can do better.
    """

    def __init__(self, films: Films) -> None:
        self.ages = [0.0, films.least]
        while self.ages[-1] < films.most:
            self.ages.append(self.ages[-1] + min(self.ages[-1] * 0.005, 8.0))
        self.done = [0.0, *(films.done(age) for age in self.ages[1:-1]), 1.0]
        self.waited = [0.0]
        for at in range(1, len(self.ages)):
            seconds = self.ages[at] - self.ages[at - 1]
            self.waited.append(self.waited[-1] + (self.done[at] + self.done[at - 1]) / 2 * seconds)
        worths = (0.02 * 1.6**number for number in range(22))
        self.curve = sorted(self._plan(worth) for worth in worths)

    def polls(self, delay: float) -> float:
        """Return the fewest asks for a mean delay of so many seconds, straight between those known."""
        at = min(max(1, bisect_left(self.curve, (delay, 0.0))), len(self.curve) - 1)
        (less, more_asks), (more, fewer_asks) = self.curve[at - 1], self.curve[at]
        part = math.log(delay / less) / math.log(more / less)
        return more_asks * (fewer_asks / more_asks) ** part

    def _plan(self, worth: float) -> tuple[float, float]:
        """Return the mean delay and the asks where one ask is worth so many seconds."""
        ages, done, waited = self.ages, self.done, self.waited
        last = len(ages) - 1
        costs, asks, best = [0.0] * (last + 1), [0] * (last + 1), last
        for at in range(last - 1, -1, -1):
            share = done[at]
            window = range(at + 1, best + 1)
            best = min(window, key=lambda then: waited[then] - share * ages[then] + costs[then])
            cost = waited[best] - share * ages[best] + costs[best]
            costs[at], asks[at] = cost + worth * (1 - share) - waited[at] + share * ages[at], best
        at, polls, delay = 0, 0.0, 0.0
        while at < last:
            then = asks[at]
            polls += 1 - done[at]
            delay += waited[then] - waited[at] - done[at] * (ages[then] - ages[at])
            at = then
        return delay, polls


@cache
def optimum(name: str) -> Optimum:
    """Return the optimum for the films of that name, worked out once."""
    return Optimum(next(films for films in ALL if films.name == name))


def fixed(seconds: float) -> Ask:
    """Ask again and again after the same time."""
    return lambda _age, _asks, _random: seconds


def growing(_age: float, asks: int, _random: Random) -> float:
    """Wait half as long again each time, from five seconds to five minutes."""
    return min(300.0, 5 * 1.5 ** min(asks, 32))


def by(wait: Callable[[timedelta, Random], timedelta]) -> Ask:
    """Ask as the bot's own timetable says."""
    return lambda age, _asks, random: wait(timedelta(seconds=age), random).total_seconds()


def counted(films: Films, ask: Ask, random: Random, count: int) -> tuple[float, float]:
    """Let films be made; return how often each is asked for, and how many seconds too late, in the mean."""
    polls = delay = 0.0
    for _ in range(count):
        length, age, asks = films.draw(random), 0.0, 0
        while age < length:
            age += ask(age, asks, random)
            asks += 1
        polls += asks
        delay += age - length
    return polls / count, delay / count


def told(films: Films, ask: Ask, random: Random, count: int) -> Mapping[str, float]:
    """Return the same, beside the fewest for that delay."""
    polls, delay = counted(films, ask, random, count)
    return {"polls": polls, "delay": delay, "of_optimum": polls / optimum(films.name).polls(delay)}


def past_of(films: Films, random: Random, *, called: bool = False, count: int = 200) -> list[Took]:
    """Return what past films took, seen at the very moment."""
    lengths = (timedelta(seconds=films.draw(random)) for _ in range(count))
    return [Took(length, length, called) for length in lengths]


def taught(past: Sequence[Took], *, callbacks: bool = False) -> Timetable:
    """Return what the bot learns from a past."""
    timetable = learned(past, BOUNDS, callbacks=callbacks)
    assert timetable is not None
    return timetable


def seen_by_asking(films: Films, random: Random, rounds: int, *, believed: bool) -> list[Took]:
    """Return a past that was itself seen only by asking, as each past before it had taught.

    `believed`: what was seen is taken for the very moment, as a naive pupil would.
    """
    past = past_of(films, random)
    for _ in range(rounds):
        timetable = taught(past)
        past = [_seen(films.draw(random), timetable, random, believed=believed) for _ in past]
    return past


def _seen(length: float, timetable: Timetable, random: Random, *, believed: bool) -> Took:
    since, age = timedelta(), timedelta()
    while age.total_seconds() < length:
        since, age = age, age + timetable.wait(age, random)
    return Took(age, age if believed else since)
