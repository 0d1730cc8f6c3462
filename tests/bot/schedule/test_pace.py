"""Laws of `bot.schedule.pace`."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers.interface import Pace
from bot.schedule import Bounds, backoff, usual_and_worst, wait_before_ask
from bot.store.past import Took

MAXAPI = Pace(timedelta(seconds=60), 1.5, timedelta(seconds=300))
seconds = st.floats(0.01, 10_000).map(lambda length: timedelta(seconds=length))


@given(seconds, st.floats(1, 4), seconds, st.integers(0, 10_000), seconds, seconds, st.integers())
def test_every_wait_keeps_to_the_bounds(first, growth, slowest, asks, one, other, seed):
    """Whatever the pace and however often it was asked, the operator's bounds hold, for the first ask too."""
    bounds = Bounds(min(one, other), max(one, other))

    wait = wait_before_ask(Pace(first, growth, slowest), asks, bounds, Random(seed))

    assert bounds.shortest <= wait <= bounds.longest


def test_waits_grow_at_the_providers_own_pace():
    """maxapi: a minute, then longer and longer, five minutes at most."""
    waits = [wait_before_ask(MAXAPI, asks, Bounds(), Random(1)).total_seconds() for asks in range(8)]

    assert all(
        0.9 * expected <= wait <= min(300, 1.1 * expected)
        for wait, expected in zip(waits, [60, 90, 135, 202.5, 300, 300, 300, 300], strict=True)
    )


@given(st.integers(0, 10_000), st.integers())
def test_a_backoff_never_spins_and_never_sleeps_too_long(misses, seed):
    """Half a second at the least, a minute at the most."""
    assert timedelta(seconds=0.5) <= backoff(misses, Random(seed)) <= timedelta(seconds=60)


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ([], (60, 300)),
        ([1] * 19, (60, 300)),
        (list(range(1, 21)), (11, 18)),
        ([*[5] * 20, 400], (5, 5)),
        ([*[5] * 17, *[400] * 4], (5, 400)),
    ],
)
def test_the_past_speaks_once_there_is_enough_of_it(past, expected):
    """Median and 90th percentile of twenty or more; before that what the provider says."""
    seconds = [Took(timedelta(seconds=one), timedelta()) for one in past]
    told = (timedelta(seconds=60), timedelta(seconds=300))
    assert tuple(timedelta(seconds=one) for one in expected) == usual_and_worst(seconds, told)


def test_the_worst_is_never_better_than_the_usual():
    """A provider may say of one film that it takes longer than its films ever take."""
    assert (timedelta(9), timedelta(9)) == usual_and_worst([], (timedelta(9), timedelta(5)))
