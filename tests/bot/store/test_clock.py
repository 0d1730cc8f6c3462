"""Laws of `bot.store.clock`: one time for all machines, whatever becomes of their own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store.clock import ASKS, ServerClock
from bot.store.rows import micros

NOON = micros(datetime(2026, 1, 1, 12, tzinfo=UTC))
TRIPS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=ASKS, max_size=ASKS)
"""How long each question takes, and each answer."""


class Far:
    """A machine and a server whose clock is ahead of the machine's steady one."""

    def __init__(self, ahead):
        self.passed = 0
        self.ahead = ahead
        self.clock = ServerClock(lambda: self.passed)

    def measure(self, trips):
        """Measure over ways that take so long; return how far the clock is off, in microseconds."""
        ways = iter(trips)

        async def ask():
            there, back = next(ways)
            self.passed += there
            answer = self.passed + self.ahead
            self.passed += back
            return answer

        asyncio.run(self.clock.measure(ask))
        return self.off

    @property
    def off(self):
        """How far the clock is off."""
        return abs(micros(self.clock.now()) - (self.passed + self.ahead))


@settings(deadline=None)
@given(TRIPS)
def test_the_time_is_the_server_s(trips):
    """It is off by no more than half of the quickest way there and back."""
    quickest = min(there + back for there, back in trips)
    assert Far(NOON).measure(trips) <= quickest / 2 + 1


@settings(deadline=None)
@given(TRIPS, TRIPS, st.integers(-(10**9), 10**9))
def test_a_later_measure_never_makes_it_worse(trips, later, apart):
    """A slow answer corrects no more than it is sure of; two clocks that came apart come together again."""
    far = Far(NOON)
    far.measure(trips)
    far.ahead += apart
    before, slowest_of_the_sure = far.off, min(there + back for there, back in later)
    assert far.measure(later) <= max(min(before, slowest_of_the_sure), 1)


def test_a_server_s_clock_that_is_set_between_two_answers_counts_as_set():
    """The last answer says how it is now."""
    answers = iter([NOON, NOON, NOON - 10**9])

    async def ask():
        return next(answers)

    clock = ServerClock(lambda: 0)
    asyncio.run(clock.measure(ask))
    assert NOON - 10**9 == micros(clock.now())


def test_a_measure_that_fails_changes_nothing():
    """The server is away: the time goes on as it did."""
    far = Far(NOON)
    far.measure([(0, 0)] * ASKS)

    async def away():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        asyncio.run(far.clock.measure(away))
    far.passed += 60
    assert 0 == far.off


def test_it_goes_by_a_clock_that_nobody_sets():
    """Between two looks a second is a second."""
    clock = ServerClock()

    async def ask():
        return NOON

    asyncio.run(clock.measure(ask))
    first, second = clock.now(), clock.now()
    assert timedelta() <= second - first < timedelta(minutes=1)
