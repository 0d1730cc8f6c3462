"""Laws of `bot.messages.library`."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaker
from bot.messages import library
from bot.messages.text import width
from bot.models import OPEN, Mode, Status, VideoRequest
from tests.bot.messages.test_messages import HOSTILE, NOW, generation

SAY = speaker("en-US")


def entries(count, **fields):
    """Return a member's generations, each a minute older."""
    return [
        library.Entry(generation(created_at=NOW - timedelta(minutes=number)), **fields)
        for number in range(count)
    ]


def labels(draft):
    """Return what the buttons say."""
    return [item.label for item in draft.view.children]


def test_a_page_keeps_to_discords_limit():
    """What doesn't fit stands on the next page, which begins right after it."""
    draft = library.page(entries(8, link="https://films.example/" + "x" * 900), SAY, more=False)
    shown = draft.embed.description.count("**")

    assert width(draft.embed.description) <= 4096
    assert 1 < shown // 2 < 8
    assert labels(draft)[-1] == "Older"


def test_the_last_page_says_so_by_having_no_button():
    """Everything is shown, and everything can be cancelled."""
    assert labels(library.page(entries(2), SAY, more=False)) == ["Cancel 1", "Cancel 2"]


def test_older_begins_where_the_page_ends():
    """To the microsecond, so that nothing is shown twice or never."""
    last = generation(created_at=NOW + timedelta(microseconds=1))
    draft = library.page([library.Entry(last)], SAY, more=True)

    assert draft.view.children[-1].custom_id == "matinee:older:1795262400000001"


def test_a_price_of_cancelling_is_on_the_button():
    """In the list as on the card."""
    assert labels(library.page(entries(1, cancel_charged=True), SAY, more=False)) == [
        "Cancel 1 (counts in full)"
    ]


@pytest.mark.parametrize(
    ("fields", "kept", "offered"),
    [({}, True, True), ({}, False, False), ({"message_id": 9}, True, False)],
)
def test_a_kept_film_is_offered_where_it_was_not_posted(fields, kept, offered):
    """Only what lies here can be handed over, and only who didn't get it needs it."""
    entry = library.Entry(generation(Status.DELIVERED, **fields), kept=kept)

    assert (library.page([entry], SAY, more=False).view is not None) == offered


@pytest.mark.parametrize(
    ("status", "in_full", "words"),
    [
        (Status.QUEUED, False, "counts nothing."),
        (Status.RUNNING, False, "If the film is faster"),
        (Status.RUNNING, True, "counts in full"),
    ],
)
def test_a_cancel_promises_only_what_is_sure(status, in_full, words):
    """What is at the provider may be faster than the cancel."""
    assert words in library.cancelled(generation(status), SAY, in_full=in_full)


OPENED = [status for status in Status if status in OPEN]


@given(
    st.lists(st.tuples(st.text(max_size=300) | st.just(HOSTILE), st.sampled_from(OPENED)), max_size=30),
    st.integers(0, 10**12),
)
def test_limits_and_lists_keep_to_discords_limits_under_any_prompt(made, number):
    """However many are under way, and whatever they are called."""
    rows = [
        generation(status, request=VideoRequest(text, Mode.TEXT), used_model=text, reason=text)
        for text, status in made
    ]
    limits = dict.fromkeys(("videos", "seconds"), (number, number))
    words = library.usage(SAY, **limits, under_way=(number, number, number), resets=NOW, open_=rows)
    listed = library.page([library.Entry(row, place=number) for row in rows[:8]], SAY, more=True)

    assert width(words) <= 2000
    assert "@everyone" not in words
    assert "://evil" not in words
    assert width(listed.content or "") <= 2000
    assert not listed.embed or width(listed.embed.description) <= 4096
    assert not listed.view or max(width(label) for label in labels(listed)) <= 80


def test_limits_may_be_absent():
    """Who has none reads so."""
    words = library.usage(
        SAY, videos=(3, None), seconds=(15, 10), under_way=(0, 0, None), resets=NOW, open_=()
    )

    assert "Videos today: 3, without limit." in words
    assert "Seconds today: 15 of 10 used, 0 left." in words
    assert "any number at once" in words


def test_a_page_is_easy_on_the_eye():
    """Two lines for each, and room between."""
    described = library.page(entries(2), SAY, more=False).embed.description

    assert [len(each.splitlines()) for each in described.split("\n\n")] == [2, 2]
