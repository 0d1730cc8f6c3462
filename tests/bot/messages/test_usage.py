"""Laws of `bot.messages.usage`."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaker
from bot.messages.text import width
from bot.messages.usage import usage
from bot.models import OPEN, Mode, Status, VideoRequest
from bot.quotas import Usage
from tests.bot.messages.test_messages import HOSTILE, NOW, generation

SAY = speaker("en-US")
OPENED = [status for status in Status if status in OPEN]


def used(**fields):
    """Return what somebody has used."""
    values = {
        "videos_used": 3,
        "videos_limit": None,
        "seconds_used": 15,
        "seconds_limit": 10,
        "credits": (0, None),
        "month": {"videos": (3, 5), "seconds": (15, None), "credits": (0, None)},
        "shared": {},
        "running": 0,
        "waiting": 0,
        "at_once": None,
        "resets": NOW,
        "month_resets": NOW + timedelta(days=9),
        "open": (),
    }
    return Usage(**(values | fields))


def test_limits_may_be_absent():
    """Who has none reads so."""
    words = usage(used(), SAY)

    assert "Videos: 3, without limit\nSeconds: 15 of 10 used, 0 left" in words
    assert "any number at once" in words
    assert "Credits" not in words


@pytest.mark.parametrize(
    ("credits", "words"),
    [
        ((1_500_000, 2_000_000), "Credits: 1.5 of 2 used, 0.5 left"),
        ((250_000, None), "Credits: 0.25, without limit"),
    ],
)
def test_credits_are_told_where_they_count(credits, words):  # noqa: A002 -- the field's own name
    """In credits, not in the millionths that are counted."""
    assert words in usage(used(credits=credits), SAY)


def test_only_limits_on_all_are_told():
    """How much others made is nobody's business where nothing is limited."""
    shared = {"day": {"videos": (9, None)}, "month": {"videos": (40, 50), "seconds": (200, None)}}
    words = usage(used(shared=shared), SAY)

    assert (
        "**Everybody on this server together, this month**\nVideos: 40 of 50 used, 10 left\n**Under" in words
    )
    assert "together, today" not in words


@given(
    st.lists(st.tuples(st.text(max_size=300) | st.just(HOSTILE), st.sampled_from(OPENED)), max_size=30),
    st.integers(0, 10**15),
)
def test_it_keeps_to_discords_limit_under_any_prompt(made, number):
    """However many are under way, and whatever they are called."""
    rows = tuple(
        generation(status, asked=VideoRequest(text, Mode.TEXT), used_model=text, reason=text, card_id=number)
        for text, status in made
    )
    every = dict.fromkeys(("videos", "seconds", "credits"), (number, number))
    words = usage(used(month=every, shared={"day": every, "month": every}, open=rows, at_once=number), SAY)

    assert width(words) <= 2000
    assert "@everyone" not in words
    assert "://evil" not in words
