"""Laws of `bot.schedule.timetable`."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from math import sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedule import ENOUGH_PAST, Bounds, learned
from bot.schedule.timetable import LONGEST_SILENCE, NEWEST, WORTH
from bot.store.past import Took

lengths = st.floats(0.01, 100_000).map(lambda length: timedelta(seconds=length))
pasts = st.lists(
    st.tuples(lengths, lengths, st.booleans()).map(lambda one: Took(max(one[:2]), min(one[:2]), one[2])),
    min_size=ENOUGH_PAST,
    max_size=40,
)
MINUTES = Bounds(timedelta(seconds=10), timedelta(seconds=300))


def past_of(draw, count=200, *, called=True):
    """Return a past of which the very moments are known."""
    return [Took(length, length, called) for length in (timedelta(seconds=draw()) for _ in range(count))]


def asked(timetable, length, random, *, wait="wait"):
    """Return how many asks one takes that is done after so many seconds, and how late it is seen."""
    age, asks = timedelta(), 0
    while age.total_seconds() < length:
        age += getattr(timetable, wait)(age, random)
        asks += 1
    return asks, age.total_seconds() - length


def means(timetable, draw, *, count=1_500, wait="wait"):
    """Return the mean number of asks, and of seconds too late."""
    random = Random(2)
    told = [asked(timetable, draw(), random, wait=wait) for _ in range(count)]
    return sum(asks for asks, _ in told) / count, sum(late for _, late in told) / count


@settings(max_examples=25, deadline=None)
@given(pasts, lengths, lengths, lengths, st.booleans(), st.integers())
def test_every_wait_keeps_to_the_bounds(past, age, one, other, callbacks, seed):
    """Whatever was, and however long it takes: it is asked again, never too soon, never too late."""
    bounds = Bounds(min(one, other), max(one, other))
    timetable = learned(past, bounds, callbacks=callbacks)

    for moment in (timedelta(), age, 100 * age):
        assert bounds.shortest <= timetable.wait(moment, Random(seed)) <= bounds.longest


@settings(max_examples=25, deadline=None)
@given(pasts, lengths, st.integers())
def test_a_late_ask_comes_too(past, age, seed):
    """Once most are done by then, an hour is the longest that nobody asks."""
    timetable = learned(past, MINUTES, callbacks=True)
    late = timedelta(seconds=timetable.likelihood.times[-1])

    most = max(MINUTES.shortest, late * 2.3 + age * 1.2)
    assert MINUTES.shortest <= timetable.long_wait(age, Random(seed)) <= most
    assert timetable.long_wait(late + age, Random(seed)) <= 1.1 * LONGEST_SILENCE


@settings(max_examples=10, deadline=None)
@given(pasts, lengths, st.integers())
def test_the_same_chance_the_same_wait(past, age, seed):
    """Nothing but what is handed in decides."""
    first, second = (learned(past, MINUTES) for _ in range(2))

    assert first.wait(age, Random(seed)) == second.wait(age, Random(seed))
    assert first.long_wait(age, Random(seed)) == second.long_wait(age, Random(seed))


def test_too_little_past_teaches_nothing():
    """Nineteen are too few, twenty are enough."""
    past = past_of(lambda: 60, ENOUGH_PAST)

    assert learned(past[1:], MINUTES) is None
    assert learned(past, MINUTES) is not None


def test_asks_come_when_it_may_be_done():
    """Films of ten minutes, give or take one: nobody asks in the first eight, but as often as it must be."""
    random = Random(1)
    timetable = learned(
        past_of(lambda: random.gauss(600, 30)), Bounds(timedelta(seconds=5), timedelta(hours=1))
    )
    first = timetable.wait(timedelta(), Random(3)).total_seconds()
    then = timetable.wait(timedelta(seconds=600), Random(3)).total_seconds()

    assert 0.9 * 500 < first < 1.1 * 640
    assert 5 <= then < 40


def test_fewer_asks_for_the_same_delay():
    """Of films of ten minutes, give or take two: half as many as waits that are always the same need."""
    random = Random(1)

    def draw():
        return random.gauss(600, 60)

    asks, late = means(learned(past_of(draw), MINUTES), draw)

    assert late < 30
    assert asks < 0.5 * (600 / (2 * late) + 0.5)


def test_what_takes_longer_than_ever_is_asked_at_growing_waits():
    """Its hope sinks: each wait is longer, as the square root of the age, up to the longest."""
    timetable = learned(past_of(lambda: 60), MINUTES)
    ages = (300, 1200, 4800, 10**6)
    waits = [timetable.wait(timedelta(seconds=age), Random(3)).total_seconds() for age in ages]
    jitter = Random(3).uniform(0.9, 1.1)

    expected = [min(300, jitter * sqrt(WORTH.total_seconds() * age)) for age in ages]
    assert expected == pytest.approx(waits)


@pytest.mark.parametrize("seconds", [20, 60, 3600])
def test_another_speed_is_noticed(seconds):
    """All took ten minutes; the next is much faster or slower: seen no later than the longest wait allows."""
    timetable = learned(past_of(lambda: 600), MINUTES)
    asks, late = asked(timetable, seconds, Random(1))

    assert late <= MINUTES.longest.total_seconds()
    assert asks <= 3 + seconds / 40


def test_the_first_and_the_last_of_a_plan_fit_together():
    """At the end of what was planned nothing jumps, and no ask is earlier than the one before it."""
    random = Random(5)
    timetable = learned(past_of(lambda: random.lognormvariate(6, 0.9)), MINUTES)
    end = timetable.ages[-1]
    jumps = [
        age + timetable.wait(timedelta(seconds=age), Random(3)).total_seconds()
        for age in (end * number / 50 for number in range(100))
    ]

    assert all(earlier < later + 30 for earlier, later in pairwise(jumps))


def test_with_callbacks_one_late_ask():
    """Nine in ten are brought before anybody asks, and the others are asked for seldom."""
    random = Random(1)

    def draw():
        return random.lognormvariate(5.9, 0.9)

    timetable = learned(past_of(draw), MINUTES, callbacks=True)
    asks, _ = means(timetable, draw, wait="long_wait")

    assert timetable.called
    assert 1.05 < asks < 1.2


def test_one_lost_callback_brings_the_asks_back():
    """Of the fifty latest; what was lost before has been forgiven. Without callbacks nobody counts them."""
    random = Random(1)
    past = past_of(lambda: random.lognormvariate(5.9, 0.9))
    lost = Took(timedelta(seconds=400), timedelta(seconds=300))

    def is_called(past, *, callbacks=True):
        return learned(past, MINUTES, callbacks=callbacks).called

    assert is_called(past)
    assert not is_called(past, callbacks=False)
    assert not is_called([*past[: NEWEST - 1], lost, *past[NEWEST:]])
    assert is_called([*past[:NEWEST], lost, *past[NEWEST:]])


def test_the_more_callbacks_are_lost_the_more_is_asked():
    """One in fifty, one in five, all: more asks each time; all lost is as if there were none."""
    random = Random(1)

    def draw():
        return random.lognormvariate(5.9, 0.9)

    past = past_of(draw)
    asks = []
    for every in (50, 5, 1):
        some = [Took(took.by, took.since, number % every != 0) for number, took in enumerate(past)]
        asks.append(means(learned(some, MINUTES, callbacks=True), draw, count=500)[0])
    without = means(learned(past, MINUTES), draw, count=500)[0]

    assert asks == sorted(asks)
    assert pytest.approx(without, rel=0.05) == asks[-1]
