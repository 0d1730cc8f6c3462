"""Laws of `bot.schedule.likelihood`."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedule.likelihood import likelihood
from bot.store.past import Took

lengths = st.floats(-10, 1e7)


def exactly(*seconds):
    """Return past ones of which the very moment is known."""
    return [Took(timedelta(seconds=one), timedelta(seconds=one)) for one in seconds]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(lengths, lengths), min_size=2, max_size=30))
def test_whatever_the_past_shares_only_grow(spans):
    """From nobody to nearly everybody: a little is left for what takes longer than ever. Clocks may lie."""
    past = [Took(timedelta(seconds=by), timedelta(seconds=min(by, since))) for by, since in spans]
    learned = likelihood(past)

    assert all(earlier <= later for earlier, later in pairwise(learned.shares))
    assert all(earlier < later for earlier, later in pairwise(learned.times))
    assert 0 == learned.done(0)
    assert pytest.approx(1 - 0.5 / (len(past) + 1)) == learned.done(1e9)
    assert learned.when(learned.shares[-1]) is None


def test_the_shares_are_those_of_the_past():
    """A hundred from ten to twenty minutes: half are done in the middle."""
    learned = likelihood(exactly(*(600 + 6 * number for number in range(100))))

    assert learned.done(300) < 0.02
    assert 0.45 < learned.done(900) < 0.55
    assert 0.97 < learned.done(1500) < 1
    assert 880 < learned.when(0.5) < 930


def test_films_of_two_speeds_stay_two_hills():
    """Between a minute and half an hour nothing is done, so nobody need ask."""
    learned = likelihood(exactly(*(60 + number / 10 for number in range(60)), *range(1780, 1840)))

    assert learned.done(900) - learned.done(200) < 0.03


def test_what_was_seen_late_isnt_learned_as_late():
    """Asked about every minute, forty seconds are seen as a minute; the first asks of a few tell better."""
    random = Random(1)
    truth = [random.lognormvariate(3.7, 0.3) for _ in range(200)]
    seen = []
    for length in truth:
        first = random.uniform(10, 60)
        asks = [first + 60 * number for number in range(10)]
        by = next(ask for ask in asks if ask >= length)
        seen.append(Took(timedelta(seconds=by), timedelta(seconds=max(0, by - 60) if by > first else 0)))
    believed = [Took(took.by, took.by) for took in seen]
    at = [20 + 5 * number for number in range(20)]
    true = [sum(length <= one for length in truth) / len(truth) for one in at]

    def wrong(past):
        return mean(abs(likelihood(past).done(one) - share) for one, share in zip(at, true, strict=True))

    assert wrong(seen) < 0.05
    assert wrong(believed) > 2 * wrong(seen)
