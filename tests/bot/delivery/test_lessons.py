"""Laws of `bot.delivery.lessons`: what Discord has said once needn't be said again, for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.lessons import MOST, Heard, Lessons
from tests.fakes import Clock


@pytest.fixture
def clock():
    """Return a clock to turn."""
    return Clock()


@pytest.fixture
def lessons(clock):
    """Return a memory with nothing in it."""
    return Lessons(clock)


def test_a_channel_is_closed_for_an_hour_for_what_was_refused_there(lessons, clock):
    """Words may still be written where no file may be attached."""
    lessons.close(7, file=True, permissions=3, code=50013)

    clock.forward(minutes=59)
    assert 50013 == lessons.closed(7, file=True, permissions=3)
    assert lessons.closed(7, file=False, permissions=3) is None
    assert lessons.closed(8, file=True, permissions=3) is None
    clock.forward(minutes=1)
    assert lessons.closed(7, file=True, permissions=3) is None


def test_a_channel_of_which_nobody_tells_us_is_closed_for_ten_minutes(lessons, clock):
    """Without the gateway nothing says that somebody has mended it."""
    lessons.close(7, file=True, permissions=None, code=50013)

    clock.forward(minutes=9)
    assert 50013 == lessons.closed(7, file=True, permissions=None)
    clock.forward(minutes=1)
    assert lessons.closed(7, file=True, permissions=None) is None


def test_an_answer_holds_for_its_span_and_not_before_it_was_given(clock):
    """False is an answer too; a clock that was set back makes it none."""
    heard = Heard(clock, timedelta(seconds=10))
    assert (None, False) == (heard.get(7), heard.put(7, value=False))

    clock.forward(seconds=9)
    assert (False, None) == (heard.get(7), heard.get(8))
    clock.forward(seconds=1)
    assert heard.get(7) is None
    clock.forward(seconds=-11)
    assert heard.get(7) is None


def test_other_permissions_open_a_channel_at_once(lessons):
    """Whoever mends them needn't wait an hour."""
    lessons.close(7, file=True, permissions=3, code=50013)

    assert lessons.closed(7, file=True, permissions=4) is None


def test_a_lower_limit_holds_for_a_day_or_until_the_server_has_another(lessons, clock):
    """What a server takes is never more than it says."""
    lessons.lower(4, 8, told=10)

    assert (8, 10, 20, 5) == (
        lessons.limit(4, told=10),
        lessons.limit(5, told=10),
        lessons.limit(4, told=20),
        Lessons(clock).limit(4, told=5),
    )
    clock.forward(days=1)
    assert 10 == lessons.limit(4, told=10)


def test_nothing_is_believed_until_a_clock_that_was_set_back_has_caught_up(lessons, clock):
    """Asking once too often costs one call; an hour may become a year (S-06, D-05)."""
    lessons.close(7, file=True, permissions=3, code=50013)
    lessons.lower(4, 8, told=10)
    clock.forward(minutes=-10)

    assert lessons.closed(7, file=True, permissions=3) is None
    assert 10 == lessons.limit(4, told=10)


def test_only_so_much_is_remembered(lessons):
    """The oldest goes first; what is said again is new."""
    for guild_id in range(MOST):
        lessons.lower(guild_id, 8, told=10)
    lessons.lower(0, 7, told=10)
    lessons.lower(MOST, 8, told=10)

    assert (7, 10, 8) == tuple(lessons.limit(each, told=10) for each in (0, 1, MOST))
