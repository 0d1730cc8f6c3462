"""What past generations tell of when the next one is done.

Most were seen to be done at an ask, some time after they were. Taken as the time itself, each lesson would
be later than the truth, the next asks with it, and the lessons after them later still. So a generation
counts for the whole time between its last two asks, in which the others say where it lies: expectation,
maximisation and smoothing in turn (Silverman, Jones, Nychka and Wilson: "A smoothed EM approach to indirect
estimation problems", J. R. Statist. Soc. B 52, 1990).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log, log1p, sqrt
from statistics import stdev
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.store.past import Took

CELL = log1p(0.03)
"""Times are told apart by three per cent."""
ROUNDS = 4
"""More of them follow the single lessons ever more closely, and gain nothing."""
BLUR = 0.6
"""Of Silverman's width, which is made for one hill; films of two speeds make two."""
BEYOND = log(3)
"""So much shorter and longer than ever it might be."""
BRIEFEST, LONGEST = 0.5, 1e6
"""Seconds: what is shorter or longer says something of a clock."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The share of generations that are done after a time, in seconds, straight between the times given."""

    times: array[float]
    shares: array[float]

    def done(self, seconds: float) -> float:
        """Return the share that is done by then."""
        times, shares = self.times, self.shares
        after = bisect_right(times, seconds)
        if after == 0 or after == len(times):
            return shares[0] if after == 0 else shares[-1]
        part = (seconds - times[after - 1]) / (times[after] - times[after - 1])
        return shares[after - 1] + part * (shares[after] - shares[after - 1])

    def when(self, share: float) -> float | None:
        """Return the first time by which that share is done; None: that is beyond all that was heard of."""
        after = bisect_right(self.shares, share)
        return None if after == len(self.shares) else self.times[after]


def likelihood(past: Sequence[Took]) -> Likelihood:
    """Learn from at least two past generations.

    One more is made up, as likely shorter or longer than any as it is anything else: what was never seen
    isn't impossible. Half of it lies beyond the last time.
    """
    spans = sorted((_seconds(took.by.total_seconds()), took.since.total_seconds()) for took in past)
    logs = [log(by) for by, _ in spans]
    least, cells = logs[0] - BEYOND, int((logs[-1] - logs[0] + 2 * BEYOND) / CELL) + 1

    def cell(seconds: float) -> int:
        return max(0, int((log(seconds) - least) / CELL)) if seconds > 0 else 0

    half = _half_a_box(logs)
    parts: Sequence[float] = [1 / cells] * cells
    ranges = [(min(cell(since), cell(by)), cell(by) + 1) for by, since in spans]
    for _ in range(ROUNDS):
        parts = _blurred(_expected(parts, ranges), half)
    made_up = 1 / (len(past) + 1)
    known = (1 - made_up) / sum(parts)
    shares = accumulate((part * known + made_up / (2 * cells) for part in parts), initial=0.0)
    times = (exp(least + number * CELL) for number in range(cells + 1))
    return Likelihood(array("d", times), array("d", shares))


def _seconds(value: float) -> float:
    return min(max(value, BRIEFEST), LONGEST)


def _half_a_box(logs: Sequence[float]) -> int:
    """Return how many cells to each side three boxes take to blur by Silverman's rule of thumb."""
    count = len(logs)
    middle = (logs[3 * count // 4] - logs[count // 4]) / 1.349
    spread = stdev(logs)
    width = BLUR * (min(spread, middle) or spread) * count**-0.2 / CELL
    return round((sqrt(4 * width**2 + 1) - 1) / 2)


def _expected(parts: Sequence[float], ranges: Sequence[tuple[int, int]]) -> list[float]:
    """Share each lesson out over its range, as the parts are now."""
    sums = list(accumulate(parts, initial=0.0))
    weights = [0.0] * (len(parts) + 1)
    for first, end in ranges:
        weight = 1 / max(sums[end] - sums[first], 1e-12)
        weights[first] += weight
        weights[end] -= weight
    return [part * max(0.0, weight) for part, weight in zip(parts, accumulate(weights), strict=False)]


def _blurred(parts: Sequence[float], half: int) -> Sequence[float]:
    """Take the mean over a box around each cell, three times: nearly a bell."""
    count = len(parts)
    for _ in range(3):
        sums = list(accumulate(parts, initial=0.0))
        ends = [(max(0, cell - half), min(count, cell + half + 1)) for cell in range(count)]
        parts = [(sums[end] - sums[first]) / (end - first) for first, end in ends]
    return parts
